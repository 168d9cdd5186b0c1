"""What happens to groups is counted."""

from __future__ import annotations

from cordwood.coordinator.counts import GroupCounts
from cordwood.groups.classic.records import GenerationBegun, MembersRemoved, Removal
from cordwood.groups.consumer.records import EpochStored
from cordwood.groups.offsets.records import OffsetCommitted, OffsetRemoved


def test_each_record_counts_for_its_kind():
    counts = GroupCounts()
    for record in (
        OffsetCommitted("g", "t", 0, 1),
        OffsetCommitted("g", "t", 0, 2),
        OffsetRemoved("g", "t", 0),
        GenerationBegun("g", 1, "range", "m"),
        EpochStored("g", 1),
        MembersRemoved("g", ("m", "n"), Removal.EXPIRED),
    ):
        counts.note(record)
    assert (counts.commits, counts.removed_offsets) == (2, 1)
    assert (counts.classic_rebalances, counts.consumer_rebalances) == (1, 1)
    assert counts.removed_members == {"expired": 2}
