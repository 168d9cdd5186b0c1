"""A moment of the quorum is a value: two that say the same are the same."""

from __future__ import annotations

from cordwood.observe.quorum import PeerCounts


def test_a_moment_is_a_value():
    assert PeerCounts(2, True, 7, 1) == PeerCounts(2, True, 7, 1)
    assert PeerCounts(2, True, 7, 1)._replace(is_linked=False) == PeerCounts(2, False, 7, 1)
