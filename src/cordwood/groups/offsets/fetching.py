"""Reading of committed offsets.

Lives here: the decision of OffsetFetch. Must not live here: the layout of its answer.

A group that is not known has no offsets, which is no error; a member that is not known is one, in a group of the
consumer protocol. Source: Kafka's OffsetMetadataManager.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from cordwood.groups import kinds
from cordwood.groups.kinds import Group
from cordwood.groups.offsets.commands import FetchOffsets
from cordwood.groups.offsets.replies import FetchedOffset, OffsetsFetched
from cordwood.groups.offsets.table import OffsetTable
from cordwood.groups.turn import Turn
from cordwood.model.decision import Result, answered
from cordwood.model.group_errors import UnstableOffsetCommit
from cordwood.model.ids import TopicPartition


def decide_fetch(groups: Mapping[str, Group], table: OffsetTable, command: FetchOffsets, turn: Turn) -> Result:
    """Answers with the offsets. Raises UnknownMember, StaleMemberEpoch."""
    group = groups.get(command.group)
    if group is not None:
        kinds.check_fetch(group, command.member_id, command.member_epoch)
    wanted = command.partitions
    found = _all(table, command.group) if wanted is None else _some(table, command.group, wanted)
    unstable = table.pending(command.group) if command.require_stable else ()
    if unstable:
        found = [_held(command.group, offset) if offset[:2] in unstable else offset for offset in found]
    return answered(turn.ticket, OffsetsFetched(tuple(found)))


def _all(table: OffsetTable, group: str) -> list[FetchedOffset]:
    return [
        FetchedOffset(topic, partition, record.offset, record.leader_epoch, record.metadata)
        for topic, by_partition in table.of_group(group).items()
        for partition, record in by_partition.items()
    ]


def _some(table: OffsetTable, group: str, wanted: Iterable[TopicPartition]) -> list[FetchedOffset]:
    found = []
    by_topic = table.of_group(group)
    for topic, partition in wanted:
        record = by_topic.get(topic, {}).get(partition)
        if record is None:
            found.append(FetchedOffset(topic, partition))
        else:
            found.append(FetchedOffset(topic, partition, record.offset, record.leader_epoch, record.metadata))
    return found


def _held(group: str, offset: FetchedOffset) -> FetchedOffset:
    name = TopicPartition(offset.topic, offset.partition)
    return FetchedOffset(*name, error=UnstableOffsetCommit(group, str(name)))
