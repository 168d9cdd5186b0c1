"""The bounds of peers are checked at once, and pauses grow to theirs."""

from __future__ import annotations

import pytest

from cordwood.model.errors import InvalidConfig
from cordwood.peers.config import PeerConfig


def test_all_mistakes_are_told_at_once():
    with pytest.raises(InvalidConfig, match=r"queue_messages is 0.*timeout_ms is -1.*backoff_max_ms is 5, less than"):
        PeerConfig(queue_messages=0, timeout_ms=-1, backoff_max_ms=5)


def test_pauses_double_up_to_the_longest():
    config = PeerConfig(backoff_ms=20, backoff_max_ms=1_000)
    assert [config.pause_ms(attempt) for attempt in range(1, 9)] == [20, 40, 80, 160, 320, 640, 1_000, 1_000]
    assert config.pause_ms(10_000) == 1_000


def test_a_peer_is_asked_before_it_is_taken_for_dead():
    assert PeerConfig(timeout_ms=2_000).heartbeat_ms == 1_000
    assert PeerConfig(timeout_ms=1).heartbeat_ms == 1
