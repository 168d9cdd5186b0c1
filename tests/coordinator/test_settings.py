"""Kafka's settings reach the coordinators."""

from __future__ import annotations

from cordwood.coordinator.settings import coordinator_settings
from cordwood.model.settings import Layers
from cordwood.records.batch import Codec


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
