"""Settings of a log are checked once, all at once."""

from __future__ import annotations

import pytest

from cordwood.log.config import LogConfig
from cordwood.model.errors import InvalidConfig


def test_the_defaults_are_valid_and_kafkas():
    config = LogConfig()
    assert config.segment_bytes == 1 << 30
    assert config.max_message_bytes == 1_048_588
    assert config.flush_policy == "commit"
    assert not config.limits_timestamps


def test_all_mistakes_are_named_at_once():
    with pytest.raises(InvalidConfig) as raised:
        LogConfig(segment_bytes=1, segment_ms=0, flush_policy="never", max_message_bytes=-1, timestamp_type="x")
    message = str(raised.value)
    for name in ("segment.bytes", "segment.ms", "flush.policy", "max.message.bytes", "message.timestamp.type"):
        assert name in message


def test_one_limit_of_timestamps_is_enough():
    assert LogConfig(timestamp_after_max_ms=5).limits_timestamps
    assert LogConfig(timestamp_before_max_ms=5).limits_timestamps
