"""Offsets that go: deleted by somebody, expired, or of a topic that is no more.

Lives here: the decisions of OffsetDelete, of expiry and of deleted topics. Must not live here: removal of whole groups
(`groups.removal`).

| group                                     | an offset expires when the retention time has passed since |
|-------------------------------------------|------------------------------------------------------------|
| no members, protocol type known           | the group became empty                                     |
| simple (no protocol type)                 | the commit                                                 |
| consumers, stable; not of subscribed topics | the commit                                               |
| any other                                 | never                                                      |

A commit with a retention time of its own (OffsetCommit 2 to 4) expires when that says. An offset over which an open
transaction decides stays. Source: KIP-211, Kafka's OffsetMetadataManager.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from cordwood.groups import kinds
from cordwood.groups.kinds import FROM_COMMIT, Group
from cordwood.groups.offsets.commands import DeleteOffsets, ForgetTopics
from cordwood.groups.offsets.records import OffsetCommitted, OffsetRemoved
from cordwood.groups.offsets.replies import OffsetsDeleted
from cordwood.groups.offsets.table import OffsetTable
from cordwood.groups.turn import Topics, TopicView, Turn
from cordwood.model.decision import Result, answered
from cordwood.model.group_errors import GroupNotFound, GroupSubscribedToTopic
from cordwood.model.ids import NO_TOPIC_ID


def decide_delete(groups: Mapping[str, Group], table: OffsetTable, command: DeleteOffsets, turn: Turn) -> Result:
    """Removes offsets of topics that nobody in the group consumes. Raises GroupNotFound, NonEmptyGroup."""
    group = groups.get(command.group)
    if group is None:
        raise GroupNotFound(command.group)
    kinds.check_delete_offsets(group)
    subscribed = {name.topic for name in command.partitions if kinds.is_subscribed(group, name.topic)}
    pending = table.pending(command.group)
    records = [
        OffsetRemoved(command.group, *name)
        for name in dict.fromkeys(command.partitions)
        if name.topic not in subscribed and (name in pending or table.find(command.group, *name) is not None)
    ]
    errors = [
        GroupSubscribedToTopic(command.group, name.topic) if name.topic in subscribed else None
        for name in command.partitions
    ]
    return answered(turn.ticket, OffsetsDeleted(tuple(errors)), *records)


def decide_forget(table: OffsetTable, command: ForgetTopics, turn: Turn) -> Result:
    """Removes what groups have of deleted topics."""
    records = [
        OffsetRemoved(group, topic, partition)
        for group in table.groups()
        for topic, partition in _names(table, group)
        if topic in command.topics
    ]
    return answered(turn.ticket, None, *records)


def orphans(table: OffsetTable, group: str, topics: Topics) -> tuple[OffsetRemoved, ...]:
    """What to remove of a group after a restart: offsets of deleted topics, also where there is a new one of the name."""
    return tuple(
        OffsetRemoved(group, name, partition)
        for name, by_partition in table.of_group(group).items()
        for partition in _of_others(by_partition, topics.find(name))
    )


def _of_others(by_partition: Mapping[int, OffsetCommitted], topic: TopicView | None) -> Iterable[int]:
    """The partitions whose offsets are not of this topic."""
    if topic is None:
        return by_partition
    known = (NO_TOPIC_ID, topic.id)
    return [partition for partition, record in by_partition.items() if record.topic_id not in known]


def expired(group: Group, table: OffsetTable, turn: Turn) -> tuple[OffsetRemoved, ...]:
    """The group's offsets whose time has come."""
    start = kinds.expiry_start(group)
    if start is None:
        return ()
    name = kinds.name_of(group)
    oldest = turn.now_ms - turn.settings.offsets_retention_ms
    pending = table.pending(name)
    removed = []
    for topic, by_partition in table.of_group(name).items():
        if kinds.is_subscribed(group, topic):
            continue
        for partition, record in by_partition.items():
            if record.expire_timestamp_ms >= 0:
                is_due = turn.now_ms >= record.expire_timestamp_ms
            else:
                is_due = (record.commit_timestamp_ms if start == FROM_COMMIT else start) <= oldest
            if is_due and (topic, partition) not in pending:
                removed.append(OffsetRemoved(name, topic, partition))
    return tuple(removed)


def everything(table: OffsetTable, group: str) -> tuple[OffsetRemoved, ...]:
    """All offsets of a group, committed or pending."""
    return tuple(OffsetRemoved(group, topic, partition) for topic, partition in _names(table, group))


def _names(table: OffsetTable, group: str) -> Iterator[tuple[str, int]]:
    pending = table.pending(group)
    for topic, by_partition in table.of_group(group).items():
        for partition in by_partition:
            pending.discard((topic, partition))
            yield topic, partition
    yield from pending
