"""The settings of a topic: all of Apache Kafka 4.3, and Cordwood's own `flush.policy`.

Lives here: rows, and the broker's settings that give them their defaults. Must not live here: logic. A row which has a
broker's setting behind it takes kind, range, default and more from that row, so that they are said once.
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from cordwood.model.settings.broker_rows import BROKER_ROWS
from cordwood.model.settings.log_rows import LOG_ROWS
from cordwood.model.settings.setting import NO_EFFECT, Fallback, Kind, Setting, Value

HOUR_MS: Final = 3_600_000
MINUTE_MS: Final = 60_000

_BROKER: Final = {row.name: row for row in (*BROKER_ROWS, *LOG_ROWS)}


def _from_broker(name: str, *sources: Fallback, document: str = "") -> Setting:
    """The topic's row for what brokers call by the names in `sources`, the first of which has its kind and range."""
    first = _BROKER[sources[0].name]
    return replace(
        first,
        name=name,
        default=_default(sources),
        document=document or first.document,
        dynamic=True,
        per_broker=False,
        aliases=(),
        sources=sources,
    )


def _default(sources: tuple[Fallback, ...]) -> Value:
    for source in sources:
        value = _BROKER[source.name].default
        if isinstance(value, int) and not isinstance(value, bool):
            return value * source.factor
        if value is not None:
            return value
    raise AssertionError(f"none of {sources} has a default")


def _throttled(name: str, side: str) -> Setting:
    document = (
        f"{NO_EFFECT}brokers do not copy partitions from each other yet. In Kafka: the replicas whose replication is slowed "
        f"down on the {side}, as PARTITION:BROKER, or * for all."
    )
    form = "PARTITION:BROKER, or * for all"
    return Setting(name, Kind.LIST, (), document, pattern=r"\*|\d+:\d+", form=form, dynamic=True)


TOPIC_ROWS: Final = (
    _from_broker("cleanup.policy", Fallback("log.cleanup.policy")),
    _from_broker("compression.gzip.level", Fallback("compression.gzip.level")),
    _from_broker("compression.lz4.level", Fallback("compression.lz4.level")),
    _from_broker("compression.type", Fallback("compression.type")),
    _from_broker("compression.zstd.level", Fallback("compression.zstd.level")),
    _from_broker("delete.retention.ms", Fallback("log.cleaner.delete.retention.ms")),
    _from_broker("file.delete.delay.ms", Fallback("log.segment.delete.delay.ms")),
    _from_broker(
        "flush.messages",
        Fallback("log.flush.interval.messages"),
        document=f"{NO_EFFECT}see `flush.policy`. In Kafka: how many records are written between two syncs.",
    ),
    _from_broker("flush.ms", Fallback("log.flush.interval.ms"), Fallback("log.flush.scheduler.interval.ms")),
    _from_broker("flush.policy", Fallback("log.flush.policy")),
    _throttled("follower.replication.throttled.replicas", "follower"),
    _from_broker("index.interval.bytes", Fallback("log.index.interval.bytes")),
    _throttled("leader.replication.throttled.replicas", "leader"),
    _from_broker("local.retention.bytes", Fallback("log.local.retention.bytes")),
    _from_broker("local.retention.ms", Fallback("log.local.retention.ms")),
    _from_broker("max.compaction.lag.ms", Fallback("log.cleaner.max.compaction.lag.ms")),
    _from_broker("max.message.bytes", Fallback("message.max.bytes")),
    _from_broker("message.timestamp.after.max.ms", Fallback("log.message.timestamp.after.max.ms")),
    _from_broker("message.timestamp.before.max.ms", Fallback("log.message.timestamp.before.max.ms")),
    _from_broker("message.timestamp.type", Fallback("log.message.timestamp.type")),
    _from_broker("min.cleanable.dirty.ratio", Fallback("log.cleaner.min.cleanable.ratio")),
    _from_broker("min.compaction.lag.ms", Fallback("log.cleaner.min.compaction.lag.ms")),
    _from_broker("min.insync.replicas", Fallback("min.insync.replicas")),
    _from_broker("preallocate", Fallback("log.preallocate")),
    Setting(
        "remote.log.copy.disable",
        Kind.BOOLEAN,
        False,
        f"{NO_EFFECT}there is no tiered storage yet. In Kafka: whether no more segments are copied away.",
        dynamic=True,
    ),
    Setting(
        "remote.log.delete.on.disable",
        Kind.BOOLEAN,
        False,
        f"{NO_EFFECT}there is no tiered storage yet. In Kafka: whether the copies are deleted when it is turned off for "
        "the topic.",
        dynamic=True,
    ),
    Setting(
        "remote.storage.enable",
        Kind.BOOLEAN,
        False,
        "Whether old segments are kept in an object store. Cordwood has no tiered storage yet and refuses `true`.",
        dynamic=True,
        acted_on=True,
    ),
    _from_broker("retention.bytes", Fallback("log.retention.bytes")),
    _from_broker(
        "retention.ms",
        Fallback("log.retention.ms"),
        Fallback("log.retention.minutes", MINUTE_MS),
        Fallback("log.retention.hours", HOUR_MS),
        document="The age at which segments are deleted, in milliseconds; -1 means never.",
    ),
    _from_broker("segment.bytes", Fallback("log.segment.bytes")),
    _from_broker("segment.index.bytes", Fallback("log.index.size.max.bytes")),
    _from_broker("segment.jitter.ms", Fallback("log.roll.jitter.ms"), Fallback("log.roll.jitter.hours", HOUR_MS)),
    _from_broker(
        "segment.ms",
        Fallback("log.roll.ms"),
        Fallback("log.roll.hours", HOUR_MS),
        document="The age at which a log goes on in a new segment, in milliseconds.",
    ),
    _from_broker("unclean.leader.election.enable", Fallback("unclean.leader.election.enable")),
)
