"""Commits: which offsets are taken from whom.

Lives here: the decision of OffsetCommit and TxnOffsetCommit. Must not live here: who is a member (`kinds`), and the
state of offsets (`table`).

| group          | generation   | comes to                                                               |
|----------------|--------------|------------------------------------------------------------------------|
| there is none  | below 0      | a simple group, which has offsets and never members                    |
| there is none  | 0 or above   | GroupNotFound; IllegalGeneration for clients from before KIP-848       |
| there is one   | any          | what the protocol of the group says of the member (`kinds`)       |

Source: Kafka's OffsetMetadataManager.
"""

from __future__ import annotations

from collections.abc import Mapping

from cordwood.groups import kinds
from cordwood.groups.kinds import Group
from cordwood.groups.offsets.commands import Commit, CommitOffset
from cordwood.groups.offsets.records import OffsetCommitted
from cordwood.groups.offsets.replies import OffsetsCommitted
from cordwood.groups.turn import Turn
from cordwood.model.decision import Answer, Result, Timer
from cordwood.model.errors import CordwoodError, UnsupportedVersion
from cordwood.model.group_errors import GroupNotFound, IllegalGeneration, OffsetMetadataTooLarge, StaleMemberEpoch
from cordwood.model.ids import NO_PRODUCER_ID


def decide_commit(groups: Mapping[str, Group], command: Commit, turn: Turn) -> Result:
    """Writes the offsets that can be kept; each of the others has its own error.

    Raises what concerns all of them: GroupNotFound, IllegalGeneration, UnknownMember, FencedInstance,
    RebalanceInProgress, StaleMemberEpoch, UnsupportedVersion.
    """
    timers = _check(groups.get(command.group), command)
    limit = turn.settings.offset_metadata_max_bytes
    now = turn.now_ms
    expire = now + command.retention_ms if command.retention_ms >= 0 else -1
    records = []
    errors: list[CordwoodError | None] = []
    for offset in command.offsets:
        size = len(offset.metadata)
        if size > limit:
            errors.append(OffsetMetadataTooLarge(size, limit))
        else:
            errors.append(None)
            records.append(_record(command, offset, now, expire))
    return Result(tuple(records), (Answer(turn.ticket, OffsetsCommitted(tuple(errors))),), timers)


def _check(group: Group | None, command: Commit) -> tuple[Timer, ...]:
    """The timers that the commit sets."""
    transactional = command.producer_id != NO_PRODUCER_ID
    if group is None:
        if command.generation < 0:
            return ()
        if transactional or not command.knows_epochs:
            raise IllegalGeneration(command.group, -1, command.generation)
        raise GroupNotFound(command.group)
    try:
        return kinds.check_commit(
            group, command.member_id, command.instance_id, command.generation, transactional=transactional
        )
    except StaleMemberEpoch as error:
        if transactional:
            raise IllegalGeneration(command.group, error.current, error.attempted) from error
        if not command.knows_epochs:
            raise UnsupportedVersion("a member of a consumer group commits with OffsetCommit 9 or later") from error
        raise


def _record(command: Commit, offset: CommitOffset, now_ms: int, expire_timestamp_ms: int) -> OffsetCommitted:
    return OffsetCommitted(
        command.group,
        offset.topic,
        offset.partition,
        offset.offset,
        offset.leader_epoch,
        offset.metadata,
        now_ms,
        expire_timestamp_ms,
        offset.topic_id,
        command.producer_id,
        command.producer_epoch,
    )
