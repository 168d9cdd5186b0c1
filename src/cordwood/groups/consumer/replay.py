"""What the records of consumer groups come to: the only code that changes a group.

Lives here: one function for each record, and the table of them. Must not live here: decisions.

Of a compacted log some records are missing: each of these takes what it finds. A record of a member makes the group and
the member where they are missing, a removal of what is not there is nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeAlias

import msgspec

from cordwood.groups.consumer import records
from cordwood.groups.consumer.group import ConsumerGroup, ResolvedRegex
from cordwood.groups.consumer.member import Member, MemberState
from cordwood.groups.consumer.partitions import NO_PARTITIONS

Groups: TypeAlias = dict[str, Any]
"""The groups of a shard by name, whatever protocol they have."""


def _made(groups: Groups, name: str) -> ConsumerGroup:
    """The consumer group of a name; one takes the place of a group of another kind."""
    group = groups.get(name)
    if not isinstance(group, ConsumerGroup):
        group = groups[name] = ConsumerGroup(name)
    return group


def _found(groups: Groups, name: str) -> ConsumerGroup | None:
    group = groups.get(name)
    return group if isinstance(group, ConsumerGroup) else None


def _epoch_stored(groups: Groups, record: records.EpochStored) -> None:
    group = _made(groups, record.group)
    group.epoch = record.epoch
    group.metadata_hash = record.metadata_hash


def _epoch_removed(groups: Groups, record: records.EpochRemoved) -> None:
    if _found(groups, record.group) is not None:
        del groups[record.group]


def _partition_metadata_stored(groups: Groups, record: records.PartitionMetadataStored) -> None:
    _made(groups, record.group).has_partition_metadata = True


def _partition_metadata_removed(groups: Groups, record: records.PartitionMetadataRemoved) -> None:
    group = _found(groups, record.group)
    if group is not None:
        group.has_partition_metadata = False


def _member_stored(groups: Groups, record: records.MemberStored) -> None:
    group = _made(groups, record.group)
    member = group.members.get(record.member_id) or Member(record.member_id)
    group.put_member(msgspec.structs.replace(member, metadata=record.metadata))


def _member_removed(groups: Groups, record: records.MemberRemoved) -> None:
    group = _found(groups, record.group)
    if group is not None:
        group.remove_member(record.member_id)


def _target_epoch_stored(groups: Groups, record: records.TargetEpochStored) -> None:
    _made(groups, record.group).target_epoch = record.epoch


def _target_epoch_removed(groups: Groups, record: records.TargetEpochRemoved) -> None:
    group = _found(groups, record.group)
    if group is not None:
        group.target_epoch = 0


def _target_stored(groups: Groups, record: records.TargetStored) -> None:
    _made(groups, record.group).targets[record.member_id] = record.partitions


def _target_removed(groups: Groups, record: records.TargetRemoved) -> None:
    group = _found(groups, record.group)
    if group is not None:
        group.targets.pop(record.member_id, None)


def _current_stored(groups: Groups, record: records.CurrentStored) -> None:
    group = _made(groups, record.group)
    member = group.members.get(record.member_id) or Member(record.member_id)
    group.put_member(
        msgspec.structs.replace(
            member,
            epoch=record.epoch,
            previous_epoch=record.previous_epoch,
            state=record.state,
            assigned=record.assigned,
            revoking=record.revoking,
        )
    )


def _current_removed(groups: Groups, record: records.CurrentRemoved) -> None:
    group = _found(groups, record.group)
    member = None if group is None else group.members.get(record.member_id)
    if group is not None and member is not None:
        group.put_member(
            msgspec.structs.replace(
                member,
                epoch=0,
                previous_epoch=0,
                state=MemberState.STABLE,
                assigned=NO_PARTITIONS,
                revoking=NO_PARTITIONS,
            )
        )


def _regex_stored(groups: Groups, record: records.RegexStored) -> None:
    resolved = ResolvedRegex(record.topics, record.version, record.timestamp_ms)
    _made(groups, record.group).regexes[record.regex] = resolved


def _regex_removed(groups: Groups, record: records.RegexRemoved) -> None:
    group = _found(groups, record.group)
    if group is not None:
        group.regexes.pop(record.regex, None)


def _topics_seen(groups: Groups, record: records.TopicsSeen) -> None:
    _made(groups, record.group).topics_version = record.version


def _rejoin_awaited(groups: Groups, record: records.RejoinAwaited) -> None:
    _made(groups, record.group).awaited.add(record.member_id)


def _rejoined(groups: Groups, record: records.Rejoined) -> None:
    _made(groups, record.group).awaited.discard(record.member_id)


REPLAYS: Final[dict[type, Callable[[Groups, Any], None]]] = {
    records.EpochStored: _epoch_stored,
    records.EpochRemoved: _epoch_removed,
    records.PartitionMetadataStored: _partition_metadata_stored,
    records.PartitionMetadataRemoved: _partition_metadata_removed,
    records.MemberStored: _member_stored,
    records.MemberRemoved: _member_removed,
    records.TargetEpochStored: _target_epoch_stored,
    records.TargetEpochRemoved: _target_epoch_removed,
    records.TargetStored: _target_stored,
    records.TargetRemoved: _target_removed,
    records.CurrentStored: _current_stored,
    records.CurrentRemoved: _current_removed,
    records.RegexStored: _regex_stored,
    records.RegexRemoved: _regex_removed,
    records.TopicsSeen: _topics_seen,
    records.RejoinAwaited: _rejoin_awaited,
    records.Rejoined: _rejoined,
}
