"""What was held back is shown by quota, and by nothing that a client can choose."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, generate_latest

from cordwood.console.quota_metrics import QuotaCollector
from cordwood.observe.throttles import ThrottleCounts


def test_counts_are_shown_by_quota():
    produce = ThrottleCounts()
    produce.note(1.25)
    registry = CollectorRegistry()
    registry.register(QuotaCollector({"Produce": produce, "Fetch": ThrottleCounts()}))
    shown = generate_latest(registry).decode().splitlines()
    assert [line for line in shown if not line.startswith("#")] == [
        'cordwood_throttled_total{quota="Produce"} 1.0',
        'cordwood_throttled_total{quota="Fetch"} 0.0',
        'cordwood_throttle_seconds_total{quota="Produce"} 1.25',
        'cordwood_throttle_seconds_total{quota="Fetch"} 0.0',
    ]
