"""The parts together, and what a hostile client can do to them: nothing."""

from __future__ import annotations

import tracemalloc
from contextlib import ExitStack

import pytest

from cordwood.model.errors import CordwoodError
from cordwood.model.limits import TELEMETRY_PUSHES_LIMIT
from cordwood.model.telemetry_errors import (
    TelemetryBusy,
    TelemetryTooEarly,
    TelemetryTooLarge,
    UnknownSubscriptionId,
    UnknownTelemetryCompression,
)
from cordwood.telemetry.client import Client
from cordwood.telemetry.client_metrics import ClientMetrics, Push
from cordwood.telemetry.settings import TelemetrySettings
from tests.telemetry.pushes import counter, gauge, point, push

ALL = {"all": {"metrics": "*", "interval.ms": "1000"}}
MIB = 1 << 20


def client(number: int = 1) -> Client:
    return Client(number.to_bytes(16, "big"), f"c-{number}", "test", "1")


def send(metrics: ClientMetrics, one: Client, payload: bytes, now_ms: int, *, compression: int = 0) -> None:
    instance = metrics._heard_of(one, now_ms)
    sent = Push(instance.subscription_id, False, compression, payload)
    admitted = metrics.admit(one, sent, now_ms)
    metrics.keep(admitted, metrics.contents(one, sent), now_ms)


def subscribed(**bounds: int) -> ClientMetrics:
    metrics = ClientMetrics(TelemetrySettings(**bounds))
    metrics.follow(ALL)
    return metrics


def test_what_is_pushed_is_shown():
    metrics = subscribed()
    assert metrics.ask(client(), 0).wanted.metrics == ("*",)
    send(metrics, client(), push(counter("org.apache.kafka.c", point(2))), 500)
    send(metrics, client(), push(counter("org.apache.kafka.c", point(3))), 1500)
    report = metrics.report(1500)
    (family,) = report.families
    assert (family.name, [value for _, value in family.rows]) == ("org_apache_kafka_c_total", [5.0])
    assert (report.instances, report.series, report.pushes, report.dropped_points) == (1, 1, 2, 0)


def test_subscriptions_that_stay_the_same_let_clients_be():
    metrics = subscribed()
    metrics.ask(client(), 0)
    metrics.follow({"all": dict(ALL["all"])})
    with pytest.raises(TelemetryTooEarly):
        metrics.ask(client(), 1)
    metrics.follow({})
    assert metrics.ask(client(), 1).wanted.metrics == ()


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"subscription_id": 7}, UnknownSubscriptionId),
        ({"compression": 5}, UnknownTelemetryCompression),
        ({"compression": -1}, UnknownTelemetryCompression),
        ({"payload": bytes(MIB + 1)}, TelemetryTooLarge),
    ],
)
def test_what_cannot_be_taken_is_refused_and_counted(change: dict, error: type[CordwoodError]):
    metrics = subscribed()
    fields = {
        "subscription_id": metrics.ask(client(), 0).subscription_id,
        "terminating": False,
        "compression": 0,
        "payload": b"",
        **change,
    }
    with pytest.raises(error):
        metrics.admit(client(), Push(**fields), 1)
    assert metrics.report(1).refused == {error.__name__: 1}


def test_who_comes_too_early_is_counted():
    metrics = subscribed()
    metrics.ask(client(), 0)
    with pytest.raises(TelemetryTooEarly):
        metrics.ask(client(), 1)
    assert metrics.report(1).refused == {"TelemetryTooEarly": 1}


def test_a_connection_that_ends_leaves_what_was_pushed_for_a_while():
    metrics = subscribed()
    send(metrics, client(), push(gauge("g", point(1))), 0)
    metrics.forget(client().instance_id)
    report = metrics.report(1)
    assert (report.instances, report.series) == (0, 1)
    assert metrics.report(60_000).series == 0


def test_requests_too_make_room_of_silent_clients():
    metrics = subscribed(max_series=1)
    send(metrics, client(1), push(gauge("g", point(1))), 0)
    send(metrics, client(2), push(gauge("g", point(1))), 60_001)
    report = metrics.report(60_001)
    assert (report.instances, report.dropped_points) == (1, 0)


def test_only_so_many_pushes_are_read_at_one_time():
    metrics = subscribed()
    with ExitStack() as stack:
        for _ in range(TELEMETRY_PUSHES_LIMIT):
            stack.enter_context(metrics.reading())
        with pytest.raises(TelemetryBusy):
            stack.enter_context(metrics.reading())
    with metrics.reading():
        pass


def test_points_that_are_not_shown_are_counted():
    metrics = subscribed(max_series_per_client=2)
    points = [point(1.0, n=number) for number in range(5)]
    send(metrics, client(), push(gauge("g", *points), counter("c", point(-1.0))), 0)
    assert metrics.report(0).dropped_points == 4


def test_a_hostile_client_does_not_blow_up_memory():
    """Two thousand clients push ten new series each, with names and labels as long as they may be."""
    metrics = subscribed(max_series=500, max_series_per_client=50)
    payloads = [
        push(
            *[gauge(f"org.apache.kafka.{'n' * 100}.{turn}.{number}", point(1.0, pad="p" * 300)) for number in range(10)]
        )
        for turn in range(20)
    ]
    tracemalloc.start()
    for number in range(2_000):
        send(metrics, client(number), payloads[number % 20], number)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    report = metrics.report(2_000)
    assert report.series == 500
    assert report.dropped_points == 2_000 * 10 - 500
    assert held < 6 * MIB
