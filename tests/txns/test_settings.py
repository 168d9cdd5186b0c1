"""Settings have Kafka's defaults."""

from __future__ import annotations

from cordwood.txns.settings import TransactionSettings


def test_defaults_are_kafkas():
    settings = TransactionSettings()
    assert settings.max_timeout_ms == 15 * 60 * 1000
    assert settings.id_expiration_ms == 7 * 24 * 3_600_000
    assert settings.id_expiration_check_ms == 3_600_000
