"""From a topic's settings to its logs' configuration.

Lives here: the one place that knows which Kafka setting drives which field of `LogConfig`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from cordwood.log.compaction.config import CleanerConfig, CompactionConfig
from cordwood.log.config import LogConfig
from cordwood.model.limits import INDEX_ENTRY_SIZE_BYTES
from cordwood.model.settings import Layers, broker_value, topic_values
from cordwood.records.batch import Codec
from cordwood.records.conform import Demands

_CODECS: Final = {
    "uncompressed": Codec.NONE,
    "none": Codec.NONE,
    "gzip": Codec.GZIP,
    "snappy": Codec.SNAPPY,
    "lz4": Codec.LZ4,
    "zstd": Codec.ZSTD,
}
_WITH_LEVELS: Final = frozenset({Codec.GZIP, Codec.LZ4, Codec.ZSTD})


def log_config(overrides: Mapping[str, str], layers: Layers) -> LogConfig:
    """The configuration of a topic's logs: its own settings over the broker's."""
    values: Mapping[str, Any] = topic_values(overrides, layers)
    deletes = "delete" in values["cleanup.policy"]
    return LogConfig(
        segment_bytes=values["segment.bytes"],
        segment_ms=_segment_ms(values),
        segment_index_entries=max(1, values["segment.index.bytes"] // INDEX_ENTRY_SIZE_BYTES),
        index_interval_bytes=values["index.interval.bytes"],
        max_message_bytes=values["max.message.bytes"],
        flush_policy=values["flush.policy"],
        flush_ms=values["flush.ms"],
        timestamp_type=values["message.timestamp.type"],
        timestamp_before_max_ms=values["message.timestamp.before.max.ms"],
        timestamp_after_max_ms=values["message.timestamp.after.max.ms"],
        retention_ms=values["retention.ms"] if deletes else -1,
        retention_bytes=values["retention.bytes"] if deletes else -1,
        delete_delay_ms=values["file.delete.delay.ms"],
        producer_expiry_ms=_number(broker_value("producer.id.expiration.ms", layers)),
    )


def _segment_ms(values: Mapping[str, Any]) -> int:
    """When a segment is closed: where records must be compacted after a time, no later, since only closed ones are."""
    if "compact" in values["cleanup.policy"]:
        return min(_number(values["segment.ms"]), _number(values["max.compaction.lag.ms"]))
    return _number(values["segment.ms"])


def demands(overrides: Mapping[str, str], layers: Layers) -> Demands:
    """What a topic wants of its batches."""
    values: Mapping[str, Any] = topic_values(overrides, layers)
    keyed = "compact" in values["cleanup.policy"]
    name = values["compression.type"]
    if name == "producer":
        return Demands(keyed=keyed)
    codec = _CODECS[name]
    level = values[f"compression.{name}.level"] if codec in _WITH_LEVELS else None
    return Demands(codec=codec, level=level, keyed=keyed)


def compaction_config(overrides: Mapping[str, str], layers: Layers) -> CompactionConfig | None:
    """How a topic's logs are compacted; None if they are not."""
    values: Mapping[str, Any] = topic_values(overrides, layers)
    if "compact" not in values["cleanup.policy"] or not broker_value("log.cleaner.enable", layers):
        return None
    return CompactionConfig(
        min_cleanable_ratio=values["min.cleanable.dirty.ratio"],
        min_lag_ms=values["min.compaction.lag.ms"],
        max_lag_ms=max(values["max.compaction.lag.ms"], values["min.compaction.lag.ms"]),
        delete_retention_ms=values["delete.retention.ms"],
    )


def cleaner_config(layers: Layers) -> CleanerConfig:
    """What compaction may take of this machine."""

    def value(name: str) -> Any:  # noqa: ANN401 - the table of settings knows the kinds.
        return broker_value(f"log.cleaner.{name}", layers)

    return CleanerConfig(
        dedupe_buffer_bytes=value("dedupe.buffer.size"),
        load_factor=value("io.buffer.load.factor"),
        io_buffer_bytes=value("io.buffer.size"),
        max_bytes_per_second=value("io.max.bytes.per.second"),
        backoff_ms=value("backoff.ms"),
    )


def opening_threads(layers: Layers) -> int:
    """How many logs of each data directory are opened side by side after a crash."""
    return _number(broker_value("num.recovery.threads.per.data.dir", layers))


def min_in_sync_replicas(overrides: Mapping[str, str], layers: Layers) -> int:
    """How many replicas an append with acks=all needs."""
    return _number(topic_values(overrides, layers)["min.insync.replicas"])


def _number(value: object) -> int:
    assert isinstance(value, int), f"the table of settings gives {value!r} where a whole number is expected"
    return value
