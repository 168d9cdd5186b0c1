"""The defaults are those of Kafka's broker configuration reference."""

from __future__ import annotations

from cordwood.groups.settings import GroupSettings


def test_the_defaults_are_those_of_kafka():
    settings = GroupSettings()
    assert settings.initial_rebalance_delay_ms == 3_000
    assert (settings.min_session_timeout_ms, settings.max_session_timeout_ms) == (6_000, 1_800_000)
    assert (settings.consumer_session_timeout_ms, settings.consumer_heartbeat_interval_ms) == (45_000, 5_000)
    assert settings.offsets_retention_ms == 10_080 * 60_000
    assert settings.consumer_assignors == ("uniform", "range")
