"""What happened to groups since the start, counted.

Lives here: plain numbers, added to as decisions are carried out. Must not live here: names of metrics (console).
"""

from __future__ import annotations

from collections import Counter

from cordwood.groups.classic.records import GenerationBegun, MembersRemoved
from cordwood.groups.consumer.records import EpochStored
from cordwood.groups.offsets.records import OffsetCommitted, OffsetRemoved
from cordwood.model.decision import Record


class GroupCounts:
    """Counts of one broker. Written on the event loop's thread; the numbers may be read from any."""

    __slots__ = ("_by_kind", "removed_members")

    def __init__(self) -> None:
        self._by_kind: Counter[type[Record]] = Counter()
        self.removed_members: Counter[str] = Counter()
        """Members of classic groups that went, by the reason."""

    def note(self, record: Record) -> None:
        """One change."""
        self._by_kind[type(record)] += 1
        if isinstance(record, MembersRemoved):
            self.removed_members[record.reason.value] += len(record.member_ids)

    @property
    def commits(self) -> int:
        """Offsets committed."""
        return self._by_kind[OffsetCommitted]

    @property
    def removed_offsets(self) -> int:
        """Offsets that were deleted, or expired."""
        return self._by_kind[OffsetRemoved]

    @property
    def classic_rebalances(self) -> int:
        """Generations that began."""
        return self._by_kind[GenerationBegun]

    @property
    def consumer_rebalances(self) -> int:
        """Epochs that began."""
        return self._by_kind[EpochStored]
