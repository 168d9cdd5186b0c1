"""Topic settings drive the log's configuration by Kafka's names."""

from __future__ import annotations

import pytest

from cordwood.log.config import LogConfig
from cordwood.model.errors import InvalidConfig
from cordwood.model.settings import BROKER, Layers
from cordwood.replica.log_settings import cleaner_config, log_config, min_in_sync_replicas


def test_defaults_are_those_of_the_log_itself() -> None:
    """But a broker distrusts timestamps from the future (Kafka 4) and forgets after a week; a library does neither."""
    week_ms = 7 * 24 * 60 * 60 * 1000
    expected = LogConfig(timestamp_after_max_ms=3_600_000, retention_ms=week_ms, delete_delay_ms=60_000)
    assert log_config({}, Layers()) == expected


def test_retention_is_for_topics_that_delete() -> None:
    own = {"retention.ms": "5000", "retention.bytes": "900"}
    assert log_config(own, Layers()).retention_ms == 5000
    assert log_config(own, Layers()).retention_bytes == 900
    both = log_config({**own, "cleanup.policy": "compact,delete"}, Layers())
    assert (both.retention_ms, both.retention_bytes) == (5000, 900)
    compacted = log_config({**own, "cleanup.policy": "compact"}, Layers())
    assert (compacted.retention_ms, compacted.retention_bytes) == (-1, -1)


def test_a_compacted_topic_rolls_in_time() -> None:
    """As in Kafka (LogConfig.maxSegmentMs): the smaller of the two."""
    own = {"segment.ms": "5000", "max.compaction.lag.ms": "900"}
    assert log_config(own, Layers()).segment_ms == 5000
    assert log_config({**own, "cleanup.policy": "compact"}, Layers()).segment_ms == 900
    assert log_config({**own, "cleanup.policy": "compact,delete"}, Layers()).segment_ms == 900
    lazy = {"segment.ms": "5000", "cleanup.policy": "compact"}
    assert log_config(lazy, Layers()).segment_ms == 5000


@pytest.mark.parametrize(
    ("name", "smallest", "below"),
    [
        ("log.cleaner.dedupe.buffer.size", "1048576", "1048575"),
        ("log.cleaner.io.buffer.load.factor", "0.01", "0"),
        ("log.cleaner.io.buffer.size", "61", "60"),
    ],
)
def test_what_compaction_cannot_work_with_is_refused(name: str, smallest: str, below: str) -> None:
    with pytest.raises(InvalidConfig, match=r"at least|from"):
        BROKER[name].parse(below)
    least = {"log.cleaner.dedupe.buffer.size": "1048576", "log.cleaner.io.buffer.load.factor": "0.01", name: smallest}
    assert cleaner_config(Layers(static=least)).map_entries > 0


def test_a_topic_overrides_its_broker() -> None:
    layers = Layers(static={"log.segment.bytes": "2000000", "message.max.bytes": "5000", "log.flush.policy": "os"})
    config = log_config({"max.message.bytes": "9000", "segment.index.bytes": "1600"}, layers)
    assert (config.segment_bytes, config.max_message_bytes, config.flush_policy) == (2_000_000, 9000, "os")
    assert config.segment_index_entries == 100


def test_in_sync_replicas() -> None:
    assert min_in_sync_replicas({}, Layers()) == 1
    assert min_in_sync_replicas({"min.insync.replicas": "2"}, Layers()) == 2
