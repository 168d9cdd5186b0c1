"""The errors of clients' metrics say what to do; tests/model/test_errors.py looks at all of them."""

from __future__ import annotations

from cordwood.model import telemetry_errors as errors


def test_messages_say_what_to_do():
    assert "come back in 20 ms" in str(errors.TelemetryTooEarly(20))
    assert "ask for subscriptions again" in str(errors.UnknownSubscriptionId(1, 2))
    assert "telemetry.max.bytes" in str(errors.TelemetryTooLarge(5))


def test_who_came_too_early_may_come_again():
    assert errors.TelemetryTooEarly.retriable
    assert errors.TelemetryBusy.retriable
    assert not errors.InvalidTelemetry.retriable
