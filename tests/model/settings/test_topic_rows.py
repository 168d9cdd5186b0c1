"""The rows of topics say what the rows of brokers say, by other names."""

from __future__ import annotations

import pytest

from cordwood.model.settings.topic_rows import HOUR_MS, TOPIC_ROWS

ROWS = {row.name: row for row in TOPIC_ROWS}

# Every topic config of Apache Kafka 4.3 that is not internal.
KAFKA = [
    "cleanup.policy",
    "compression.gzip.level",
    "compression.lz4.level",
    "compression.type",
    "compression.zstd.level",
    "delete.retention.ms",
    "file.delete.delay.ms",
    "flush.messages",
    "flush.ms",
    "follower.replication.throttled.replicas",
    "index.interval.bytes",
    "leader.replication.throttled.replicas",
    "local.retention.bytes",
    "local.retention.ms",
    "max.compaction.lag.ms",
    "max.message.bytes",
    "message.timestamp.after.max.ms",
    "message.timestamp.before.max.ms",
    "message.timestamp.type",
    "min.cleanable.dirty.ratio",
    "min.compaction.lag.ms",
    "min.insync.replicas",
    "preallocate",
    "remote.log.copy.disable",
    "remote.log.delete.on.disable",
    "remote.storage.enable",
    "retention.bytes",
    "retention.ms",
    "segment.bytes",
    "segment.index.bytes",
    "segment.jitter.ms",
    "segment.ms",
    "unclean.leader.election.enable",
]


def test_all_topic_configs_of_kafka_are_known():
    assert set(ROWS) == {*KAFKA, "flush.policy"}


@pytest.mark.parametrize("row", TOPIC_ROWS, ids=lambda row: row.name)
def test_the_default_of_a_row_is_one_of_its_values(row):
    assert row.parse(row.render(row.default)) == row.default


@pytest.mark.parametrize("row", TOPIC_ROWS, ids=lambda row: row.name)
def test_a_row_may_be_changed_at_any_time(row):
    assert row.dynamic
    assert not row.aliases


def test_a_default_is_in_the_units_of_the_topic():
    assert ROWS["segment.ms"].default == 168 * HOUR_MS
    assert ROWS["retention.ms"].default == 168 * HOUR_MS
    assert ROWS["segment.jitter.ms"].default == 0


def test_the_names_that_brokers_have_for_it():
    assert [source.name for source in ROWS["segment.bytes"].sources] == ["log.segment.bytes"]
    assert [source.name for source in ROWS["max.message.bytes"].sources] == ["message.max.bytes"]
    assert [(source.name, source.factor) for source in ROWS["retention.ms"].sources] == [
        ("log.retention.ms", 1),
        ("log.retention.minutes", 60_000),
        ("log.retention.hours", 3_600_000),
    ]
