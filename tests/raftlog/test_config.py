"""The settings of a raft log: the format's defaults, and all mistakes at once."""

from __future__ import annotations

import pytest

from cordwood.model.errors import InvalidConfig
from cordwood.raftlog.config import RaftLogConfig


def test_the_defaults_are_those_of_the_format():
    config = RaftLogConfig()
    assert (config.cache_max_items, config.cache_capacity_bytes) == (100_000, 1 << 30)
    assert (config.chunk_max_records, config.chunk_max_bytes) == (1_048_576, 1 << 30)
    assert (config.gather_ms, config.gather_max_items) == (1.0, 2048)
    assert config.truncates_incomplete_record
    assert not config.truncates_committed


def test_all_mistakes_are_told_at_once():
    with pytest.raises(InvalidConfig) as raised:
        RaftLogConfig(cache_max_items=-1, chunk_max_records=1, gather_ms=-0.5)
    for name in ("cache_max_items is -1", "chunk_max_records is 1", "gather_ms is -0.5"):
        assert name in str(raised.value)
