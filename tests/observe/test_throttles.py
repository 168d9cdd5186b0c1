"""Counts are plain numbers."""

from __future__ import annotations

from cordwood.observe.throttles import ThrottleCounts


def test_what_was_held_back_is_added_up():
    counts = ThrottleCounts()
    counts.note(0.5)
    counts.note(1.5)
    assert (counts.throttled, counts.seconds) == (2, 2.0)
