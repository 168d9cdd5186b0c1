"""The values of a node hold together, or all mistakes are told."""

from __future__ import annotations

import pytest

from cordwood.consensus.config import GroupConfig
from cordwood.model.errors import InvalidConfig
from cordwood.raft import RaftConfig


def test_the_usual_values_hold_together():
    config = GroupConfig(RaftConfig(1))
    assert config.max_message_bytes > config.raft.max_entry_size


def test_all_mistakes_are_told():
    with pytest.raises(InvalidConfig) as caught:
        GroupConfig(RaftConfig(1), tick_ms=0, keep_entries=-1, max_pending_bytes=10)
    for name in ("tick_ms", "keep_entries", "max_pending_bytes"):
        assert name in str(caught.value)
