"""Replies tell that there is nothing as Kafka does: offset -1 without an error."""

from __future__ import annotations

from cordwood.groups.offsets.replies import FetchedOffset, OffsetsCommitted, OffsetsDeleted, OffsetsFetched


def test_nothing_committed_is_no_error():
    assert FetchedOffset("t", 0) == ("t", 0, -1, -1, "", None)


def test_replies_are_values():
    assert OffsetsFetched((FetchedOffset("t", 0),)) == OffsetsFetched((FetchedOffset("t", 0),))
    assert OffsetsCommitted((None,)) != OffsetsCommitted(())
    assert OffsetsDeleted((None,)) == OffsetsDeleted((None,))
