"""The committed offsets of the groups of one shard, and those that wait for the end of a transaction.

    replay(OffsetCommitted)                      -> committed[group][topic][partition]
    replay(OffsetCommitted with a producer id)   -> pending[producer][group][topic, partition]
    complete(producer, committed=True)           pending -> committed, unless something newer was committed meanwhile
    replay(OffsetRemoved)                        neither is left

Newer means later in the log. Offsets that are pending carry their place in that order; when another commit of the same
partition takes effect first, those before it are superseded: they still make the partition unstable, and change nothing
any more.

Lives here: state, and how records change it. Must not live here: decisions.

Source: Kafka's OffsetMetadataManager.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

from cordwood.groups.offsets.records import OffsetCommitted, OffsetRemoved
from cordwood.model.ids import NO_PRODUCER_ID

ByPartition: TypeAlias = dict[int, OffsetCommitted]
ByTopic: TypeAlias = dict[str, ByPartition]

NONE: Final[Mapping[str, ByPartition]] = MappingProxyType({})
"""The offsets of a group that has none."""


class _Pending:
    """One commit within an open transaction; `record` None when it is superseded."""

    __slots__ = ("order", "record")

    def __init__(self, order: int, record: OffsetCommitted) -> None:
        self.order = order
        self.record: OffsetCommitted | None = record


class OffsetTable:
    """State of one shard. `count` is the number of committed offsets."""

    def __init__(self) -> None:
        self.count = 0
        self._committed: dict[str, ByTopic] = {}
        self._pending: dict[int, dict[str, dict[tuple[str, int], _Pending]]] = {}
        self._open: dict[str, set[int]] = {}
        """The producers with pending offsets of a group."""
        self._order = 0

    # Asking.

    def of_group(self, group: str) -> Mapping[str, ByPartition]:
        """The committed offsets by topic and partition."""
        return self._committed.get(group, NONE)

    def find(self, group: str, topic: str, partition: int) -> OffsetCommitted | None:
        """The committed offset."""
        return self._committed.get(group, NONE).get(topic, {}).get(partition)

    def groups(self) -> list[str]:
        """The groups that have offsets, committed or pending."""
        return [*self._committed, *(group for group in self._open if group not in self._committed)]

    def all(self) -> Iterator[OffsetCommitted]:
        """Every committed offset."""
        for by_topic in self._committed.values():
            for by_partition in by_topic.values():
                yield from by_partition.values()

    def has_transactions(self, group: str) -> bool:
        """Whether a transaction with offsets of the group is open."""
        return group in self._open

    def is_pending(self, group: str, topic: str, partition: int) -> bool:
        """Whether an open transaction decides over the offset."""
        return any((topic, partition) in self._pending[producer][group] for producer in self._open.get(group, ()))

    def pending(self, group: str) -> set[tuple[str, int]]:
        """The partitions over whose offsets open transactions decide."""
        return {name for producer in self._open.get(group, ()) for name in self._pending[producer][group]}

    # Changing.

    def replay(self, record: OffsetCommitted | OffsetRemoved) -> None:
        """Takes up one record."""
        if isinstance(record, OffsetRemoved):
            self._remove(record)
        elif record.producer_id == NO_PRODUCER_ID:
            self._put(record)
            if record.group in self._open:
                self._supersede(record, self._order + 1)
        else:
            self._hold(record)

    def complete(self, producer_id: int, *, committed: bool) -> None:
        """The producer's transaction ended; one without offsets here is no error."""
        for group, held in self._pending.pop(producer_id, {}).items():
            self._close(group, producer_id)
            for pending in held.values():
                if committed and pending.record is not None:
                    self._put(pending.record)
                    self._supersede(pending.record, pending.order)

    def _put(self, record: OffsetCommitted) -> None:
        by_topic = self._committed.get(record.group)
        if by_topic is None:
            by_topic = self._committed[record.group] = {}
        by_partition = by_topic.get(record.topic)
        if by_partition is None:
            by_partition = by_topic[record.topic] = {}
        before = len(by_partition)
        by_partition[record.partition] = record
        self.count += len(by_partition) - before

    def _hold(self, record: OffsetCommitted) -> None:
        self._order += 1
        held = self._pending.setdefault(record.producer_id, {}).setdefault(record.group, {})
        held[record.topic, record.partition] = _Pending(self._order, record)
        self._open.setdefault(record.group, set()).add(record.producer_id)

    def _supersede(self, record: OffsetCommitted, order: int) -> None:
        """What is pending for the same partition from before `order` changes nothing any more."""
        for producer in self._open.get(record.group, ()):
            pending = self._pending[producer][record.group].get((record.topic, record.partition))
            if pending is not None and pending.order < order:
                pending.record = None

    def _remove(self, record: OffsetRemoved) -> None:
        group, topic, partition = record.group, record.topic, record.partition
        by_topic = self._committed.get(group)
        if by_topic is not None and partition in by_topic.get(topic, ()):
            del by_topic[topic][partition]
            self.count -= 1
            if not by_topic[topic]:
                del by_topic[topic]
            if not by_topic:
                del self._committed[group]
        for producer in self._open.get(group, ()):
            self._pending[producer][group].pop((topic, partition), None)

    def _close(self, group: str, producer_id: int) -> None:
        producers = self._open[group]
        producers.discard(producer_id)
        if not producers:
            del self._open[group]
