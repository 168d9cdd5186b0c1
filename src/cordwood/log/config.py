"""The settings of one log.

Lives here: values, checked once, all mistakes at once. Must not live here: where they come from (model.settings).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from cordwood.model.errors import InvalidConfig
from cordwood.model.limits import BATCH_HEADER_SIZE_BYTES, BATCH_SIZE_LIMIT_BYTES, INDEX_INTERVAL_BYTES

FlushPolicy: TypeAlias = Literal["commit", "interval", "os"]
TimestampType: TypeAlias = Literal["CreateTime", "LogAppendTime"]

_DAY_MS: Final = 24 * 60 * 60 * 1000
_NO_LIMIT: Final = (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class LogConfig:
    """How a log rotates, indexes, limits and syncs. Raises InvalidConfig which names every mistake.

    In brackets the name that Kafka's users know the setting by.
    """

    segment_bytes: int = 1 << 30
    """A segment is closed before its store grows beyond this [segment.bytes]."""
    segment_ms: int = 7 * _DAY_MS
    """A segment is closed when its first batch is older than this [segment.ms]."""
    segment_index_entries: int = 655_360
    """A segment is closed when its index has this many entries [segment.index.bytes / 16]."""
    index_interval_bytes: int = INDEX_INTERVAL_BYTES
    """One index entry for this many bytes of store [index.interval.bytes]."""
    max_message_bytes: int = 1_048_588
    """The largest batch, header included [max.message.bytes]."""
    flush_policy: FlushPolicy = "commit"
    """When an append counts as done: DESIGN's durability table [flush.policy]."""
    flush_ms: int = 1000
    """Under `interval`: the longest time between an append and its sync [flush.ms]."""
    timestamp_type: TimestampType = "CreateTime"
    """Whose clock stamps the records [message.timestamp.type]."""
    timestamp_before_max_ms: int = _NO_LIMIT
    """How far a record's timestamp may lie in the past [message.timestamp.before.max.ms]."""
    timestamp_after_max_ms: int = _NO_LIMIT
    """How far a record's timestamp may lie in the future [message.timestamp.after.max.ms]."""
    retention_ms: int = -1
    """The age at which closed segments go when `retain` is called; -1 keeps them for ever [retention.ms]."""
    retention_bytes: int = -1
    """The size beyond which the oldest segments go when `retain` is called; -1 means any size [retention.bytes]."""
    delete_delay_ms: int = 0
    """How long the files of a removed segment stay on the disk [file.delete.delay.ms]."""
    producer_expiry_ms: int = _DAY_MS
    """A producer that wrote nothing for so long is forgotten [producer.id.expiration.ms]."""

    limits_timestamps: bool = field(init=False, repr=False, compare=False)
    """Whether any timestamp is refused."""

    def __post_init__(self) -> None:
        limits = self.timestamp_before_max_ms != _NO_LIMIT or self.timestamp_after_max_ms != _NO_LIMIT
        object.__setattr__(self, "limits_timestamps", limits)
        mistakes = [
            f"{name} is {value}, but must lie in [{low}, {high}]"
            for name, value, low, high in (
                ("segment.bytes", self.segment_bytes, BATCH_HEADER_SIZE_BYTES, 1 << 40),
                ("segment.ms", self.segment_ms, 1, _NO_LIMIT),
                ("segment.index.bytes / 16", self.segment_index_entries, 1, 1 << 28),
                ("index.interval.bytes", self.index_interval_bytes, 0, 1 << 30),
                ("max.message.bytes", self.max_message_bytes, 0, BATCH_SIZE_LIMIT_BYTES),
                ("flush.ms", self.flush_ms, 0, _NO_LIMIT),
                ("retention.ms", self.retention_ms, -1, _NO_LIMIT),
                ("retention.bytes", self.retention_bytes, -1, _NO_LIMIT),
                ("file.delete.delay.ms", self.delete_delay_ms, 0, _NO_LIMIT),
                ("message.timestamp.before.max.ms", self.timestamp_before_max_ms, 0, _NO_LIMIT),
                ("message.timestamp.after.max.ms", self.timestamp_after_max_ms, 0, _NO_LIMIT),
                ("producer.id.expiration.ms", self.producer_expiry_ms, 1, _NO_LIMIT),
            )
            if not low <= value <= high
        ]
        for name, value, choices in (
            ("flush.policy", self.flush_policy, ("commit", "interval", "os")),
            ("message.timestamp.type", self.timestamp_type, ("CreateTime", "LogAppendTime")),
        ):
            if value not in choices:
                mistakes.append(f"{name} is {value!r}, but must be one of {', '.join(choices)}")
        if mistakes:
            raise InvalidConfig("; ".join(mistakes))
