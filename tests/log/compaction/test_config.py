"""The settings of compaction: every mistake at once."""

from __future__ import annotations

import pytest

from cordwood.log.compaction.config import CleanerConfig, CompactionConfig
from cordwood.log.compaction.offset_map import ENTRY_SIZE_BYTES
from cordwood.model.errors import InvalidConfig


def test_the_defaults_are_kafkas():
    config, cleaner = CompactionConfig(), CleanerConfig()
    assert (config.min_cleanable_ratio, config.min_lag_ms, config.delete_retention_ms) == (0.5, 0, 86_400_000)
    assert not config.has_max_lag
    assert cleaner.map_entries == int((128 << 20) * 0.9) // ENTRY_SIZE_BYTES


def test_all_mistakes_of_a_log_are_named_at_once():
    with pytest.raises(InvalidConfig) as raised:
        CompactionConfig(min_cleanable_ratio=1.5, min_lag_ms=-1, max_lag_ms=0, delete_retention_ms=-1)
    for name in ("min.cleanable.dirty.ratio", "min.compaction.lag.ms", "max.compaction.lag.ms", "delete.retention.ms"):
        assert name in str(raised.value)


def test_the_lags_must_agree():
    with pytest.raises(InvalidConfig, match="above max"):
        CompactionConfig(min_lag_ms=10, max_lag_ms=9)
    assert CompactionConfig(min_lag_ms=9, max_lag_ms=9).has_max_lag


def test_all_mistakes_of_the_cleaner_are_named_at_once():
    with pytest.raises(InvalidConfig) as raised:
        CleanerConfig(
            load_factor=0, io_buffer_bytes=60, max_bytes_per_second=0, backoff_ms=-1, decompressed_limit_bytes=0
        )
    for name in ("load.factor", "io.buffer.size", "max.bytes.per.second", "backoff.ms", "decompression"):
        assert name in str(raised.value)


def test_a_map_must_hold_a_key():
    assert CleanerConfig(dedupe_buffer_bytes=ENTRY_SIZE_BYTES, load_factor=1.0).map_entries == 1
    with pytest.raises(InvalidConfig, match=r"dedupe\.buffer"):
        CleanerConfig(dedupe_buffer_bytes=ENTRY_SIZE_BYTES - 1, load_factor=1.0)
