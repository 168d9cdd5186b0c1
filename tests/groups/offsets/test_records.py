"""What is written about offsets is stored, and cheap to keep."""

from __future__ import annotations

import gc

from cordwood.groups.offsets.records import OffsetCommitted, OffsetRemoved


def test_both_are_stored():
    assert OffsetCommitted.stored
    assert OffsetRemoved.stored


def test_the_collector_does_not_look_at_them():
    assert not gc.is_tracked(OffsetCommitted("g", "t", 0, 5))
    assert not gc.is_tracked(OffsetRemoved("g", "t", 0))
