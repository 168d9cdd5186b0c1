"""Kafka's settings reach the coordinators."""

from __future__ import annotations

from cordwood.coordinator.settings import coordinator_settings, group_settings
from cordwood.groups.settings import Pace
from cordwood.metadata import EMPTY, ResourceKind, replay
from cordwood.metadata.records import ConfigRecord
from cordwood.model.settings import Layers
from cordwood.records.batch import Codec
from cordwood.txns.settings import TransactionSettings


def test_settings_reach_their_fields():
    settings = coordinator_settings(
        Layers(
            static={
                "group.initial.rebalance.delay.ms": "0",
                "group.consumer.assignors": "range",
                "group.consumer.migration.policy": "upgrade",
                "offsets.retention.minutes": "3",
                "offsets.topic.num.partitions": "4",
                "offsets.topic.compression.codec": "4",
            }
        )
    )
    assert settings.groups.initial_rebalance_delay_ms == 0
    assert settings.groups.consumer_assignors == ("range",)
    assert settings.groups.consumer_migration_policy == "upgrade"
    assert settings.groups.offsets_retention_ms == 180_000
    assert settings.offsets_topic.partitions == 4
    assert settings.codec is Codec.ZSTD


def test_settings_of_transactions_reach_their_fields():
    settings = coordinator_settings(
        Layers(
            static={
                "transaction.max.timeout.ms": "1000",
                "transactional.id.expiration.ms": "2000",
                "transaction.remove.expired.transaction.cleanup.interval.ms": "3000",
                "transaction.state.log.num.partitions": "4",
                "transaction.state.log.replication.factor": "5",
                "transaction.state.log.min.isr": "3",
                "transaction.state.log.segment.bytes": "6000",
                "transaction.state.log.load.buffer.size": "7000",
            }
        )
    )
    assert settings.transactions == TransactionSettings(1_000, 2_000, 3_000)
    topic = settings.internal_topics["__transaction_state"]
    assert (topic.partitions, topic.replication_factor, topic.min_in_sync_replicas) == (4, 5, 3)
    assert ("segment.bytes", "6000") in topic.configs
    assert settings.transactions_load_buffer_bytes == 7_000


def test_groups_that_have_settings_of_their_own_go_by_them():
    image = replay(EMPTY, ConfigRecord(ResourceKind.GROUP, "calm", "consumer.session.timeout.ms", "50000"))
    settings = group_settings(image, Layers(static={"group.consumer.heartbeat.interval.ms": "6000"}))
    assert settings.pace("calm") == Pace(50_000, 6_000)
    assert settings.pace("others") == Pace(45_000, 6_000)


def test_a_groups_own_settings_are_kept_within_the_bounds_of_this_broker():
    image = replay(EMPTY, ConfigRecord(ResourceKind.GROUP, "calm", "consumer.session.timeout.ms", "50000"))
    settings = group_settings(image, Layers(static={"group.consumer.max.session.timeout.ms": "49000"}))
    assert settings.pace("calm").session_timeout_ms == 49_000
