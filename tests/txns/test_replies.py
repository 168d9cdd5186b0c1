"""Replies are values."""

from __future__ import annotations

from cordwood.txns.replies import UNCHANGED, Markers, Producer
from tests.txns.driver import P0


def test_a_classic_producer_is_told_nothing_new():
    assert Producer(-1, -1) == UNCHANGED


def test_markers_are_named_by_id_and_producer():
    assert Markers("a", 7, 3, True, frozenset({P0}), 2)[:3] == ("a", 7, 3)
