"""What the broker counts about clients' metrics, and that /metrics shows them."""

from __future__ import annotations

import asyncio

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from cordwood.console.console import Console
from cordwood.console.telemetry_metrics import TelemetryCollector
from cordwood.telemetry.client import Client
from cordwood.telemetry.client_metrics import Push, TelemetryReport
from cordwood.testing import Server
from tests.console.test_console import get
from tests.telemetry.pushes import counter, point, push


def test_counts_are_told():
    report = TelemetryReport(1, 2, 3, {"TelemetryTooEarly": 4, "InvalidTelemetry": 5}, 6, [])
    registry = CollectorRegistry()
    registry.register(TelemetryCollector(report))
    found = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(generate_latest(registry).decode())
        for sample in family.samples
    }
    assert found == {
        ("cordwood_telemetry_instances",): 1,
        ("cordwood_telemetry_series",): 2,
        ("cordwood_telemetry_pushes_total",): 3,
        ("cordwood_telemetry_refused_requests_total", "TelemetryTooEarly"): 4,
        ("cordwood_telemetry_refused_requests_total", "InvalidTelemetry"): 5,
        ("cordwood_telemetry_dropped_points_total",): 6,
    }


@pytest.mark.asyncio
async def test_a_scrape_shows_what_clients_pushed():
    async with Server() as server:
        telemetry, client = server.node.telemetry, Client(bytes(range(16)), "billing")
        instance = telemetry.ask(client, 0)
        pushed = Push(instance.subscription_id, False, 0, push(counter("org.apache.kafka.made.total", point(7))))
        now_ms = int(server.node.context.clock.monotonic() * 1000)
        telemetry.keep(telemetry.admit(client, pushed, now_ms), telemetry.contents(client, pushed), now_ms)
        console = Console(server.node, "127.0.0.1", 0)
        await console.start()
        _, page = await asyncio.to_thread(get, console, "/metrics")
        await console.stop()
    families = {family.name: family for family in text_string_to_metric_families(page)}
    (sample,) = families["org_apache_kafka_made"].samples
    assert (sample.value, sample.labels["client_id"]) == (7.0, "billing")
    assert families["cordwood_telemetry_series"].samples[0].value == 1
