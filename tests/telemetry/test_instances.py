"""When a client may ask and push, rule by rule."""

from __future__ import annotations

import pytest

from cordwood.model.errors import InvalidRequest
from cordwood.model.telemetry_errors import TelemetryTooEarly, TelemetryTooLarge, UnknownSubscriptionId
from cordwood.telemetry.client import Client
from cordwood.telemetry.instances import Instance, Instances
from cordwood.telemetry.subscriptions import Subscriptions

SECONDLY = Subscriptions({"s": {"metrics": "*", "interval.ms": "1000"}})


def client(number: int = 1) -> Client:
    return Client(number.to_bytes(16, "big"), "c")


def instance() -> Instance:
    return Instance(client(), SECONDLY)


def push(one: Instance, now_ms: int, terminating: bool = False) -> None:
    one.push(one.subscription_id, terminating, now_ms)


def test_a_client_asks_once_in_an_interval():
    one = instance()
    one.ask(0)
    with pytest.raises(TelemetryTooEarly) as caught:
        one.ask(999)
    assert caught.value.wait_ms == 1
    one.ask(1000)


def test_a_push_keeps_a_client_from_asking():
    one = instance()
    one.ask(0)
    push(one, 600)
    with pytest.raises(TelemetryTooEarly):
        one.ask(1500)
    one.ask(1600)


def test_the_first_push_after_an_answer_comes_at_any_time_and_the_next_an_interval_later():
    one = instance()
    one.ask(0)
    push(one, 1)
    with pytest.raises(TelemetryTooEarly):
        push(one, 1000)
    push(one, 1001)


def test_a_last_push_comes_at_any_time_and_is_the_last():
    one = instance()
    one.ask(0)
    push(one, 1)
    push(one, 2, terminating=True)
    for now_ms in (3, 5000):
        with pytest.raises(InvalidRequest):
            push(one, now_ms)


def test_who_is_told_that_its_subscription_is_unknown_may_ask_at_once():
    one = instance()
    with pytest.raises(UnknownSubscriptionId) as caught:
        one.push(one.subscription_id + 1, False, 10)
    one.ended_with(caught.value)
    one.ask(11)
    with pytest.raises(TelemetryTooEarly):
        one.ask(12)


def test_other_errors_do_not_let_it_ask_at_once():
    one = instance()
    push(one, 10)
    one.ended_with(TelemetryTooLarge(1))
    with pytest.raises(TelemetryTooEarly):
        one.ask(11)


def test_when_subscriptions_change_everybody_begins_anew():
    instances = Instances(10)
    first = instances.heard_of(client(), SECONDLY, 0)
    first.ask(0)
    assert instances.heard_of(client(), SECONDLY, 1) is first
    second = instances.heard_of(client(), Subscriptions({}), 1)
    assert second is not first
    second.ask(1)


def test_silence_is_forgotten_after_three_intervals_or_a_minute():
    assert instance().memory_ms == 60_000
    slow = Subscriptions({"s": {"metrics": "*", "interval.ms": "30000"}})
    assert Instance(client(), slow).memory_ms == 90_000
    instances = Instances(10)
    instances.heard_of(client(1), SECONDLY, 0)
    instances.heard_of(client(2), SECONDLY, 1)
    instances.expire(60_000)
    assert len(instances) == 1
    # One that expired is new even before anybody looked.
    old = instances.heard_of(client(2), SECONDLY, 2)
    assert instances.heard_of(client(2), SECONDLY, 60_002) is not old


def test_of_too_many_the_one_silent_for_longest_goes():
    instances = Instances(2)
    first, second = (instances.heard_of(client(number), SECONDLY, number) for number in (1, 2))
    assert instances.heard_of(client(1), SECONDLY, 3) is first
    instances.heard_of(client(3), SECONDLY, 4)
    assert len(instances) == 2
    assert instances.heard_of(client(1), SECONDLY, 5) is first
    assert instances.heard_of(client(2), SECONDLY, 6) is not second


def test_a_connection_that_ends_takes_its_client_with_it():
    instances = Instances(2)
    first = instances.heard_of(client(), SECONDLY, 0)
    instances.forget(client().instance_id)
    instances.forget(b"nobody")
    assert instances.heard_of(client(), SECONDLY, 1) is not first
