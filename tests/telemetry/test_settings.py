"""The bounds that a user may change."""

from __future__ import annotations

from cordwood.model.settings import BROKER
from cordwood.telemetry.settings import TelemetrySettings


def test_defaults_are_those_of_the_table():
    settings = TelemetrySettings()
    assert settings.max_bytes == BROKER["telemetry.max.bytes"].default
    assert settings.max_series == BROKER["telemetry.max.series"].default
    assert settings.max_series_per_client == BROKER["telemetry.max.series.per.client"].default
