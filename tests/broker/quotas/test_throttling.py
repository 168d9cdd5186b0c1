"""Requests are measured when they come or when they are answered, and their answers tell how long to wait."""

from __future__ import annotations

import pytest

from cordwood.broker.context import Call, Principal, Session
from cordwood.broker.quotas.quotas import Quotas
from cordwood.broker.quotas.throttling import Throttling, milliseconds
from cordwood.metadata import EntityPart
from cordwood.metadata.quotas import PRODUCER_BYTE_RATE, REQUEST_PERCENTAGE
from cordwood.wire.apis import ApiKey
from cordwood.wire.messages.metadata import MetadataResponse
from cordwood.wire.messages.produce import ProduceResponse
from cordwood.wire.messages.write_txn_markers import WriteTxnMarkersResponse


class Door:
    """A client's connection, and what it was muted for."""

    def __init__(self, principal: Principal | None = None) -> None:
        self.muted_ms: list[int] = []
        self.session = Session("PLAINTEXT", "10.0.0.1:1", self.muted_ms.append)
        if principal is not None:
            self.session.principal = principal

    def call(self, client_id: str | None = "c") -> Call:
        return Call(self.session, 9, client_id)


@pytest.fixture
def throttling():
    quotas = Quotas()
    quotas.follow(
        {
            (EntityPart("user", "ANONYMOUS"),): {PRODUCER_BYTE_RATE: 1000.0},
            (EntityPart("user", "alice"),): {REQUEST_PERCENTAGE: 10.0},
        }
    )
    return Throttling(quotas)


def test_waits_are_told_in_whole_milliseconds_and_never_too_short():
    assert [milliseconds(wait) for wait in (0.0, 0.0001, 1.5, 1e12)] == [0, 1, 1500, (1 << 31) - 1]


def test_what_a_producer_sends_is_measured_as_it_arrives(throttling):
    door = Door()
    call = door.call()
    throttling.received(call, ApiKey.PRODUCE, 3000, 5.0)
    assert door.muted_ms == [3000], "what arrived with it has to wait"
    answer = ProduceResponse()
    throttling.answered(call, ApiKey.PRODUCE, answer, 5.1)
    assert answer.throttle_time_ms == 3000
    assert door.muted_ms == [3000], "once is enough"


def test_who_is_within_his_quota_is_told_nothing(throttling):
    door = Door()
    call, answer = door.call(None), ProduceResponse()
    throttling.received(call, ApiKey.PRODUCE, 900, 5.0)
    throttling.answered(call, ApiKey.PRODUCE, answer, 5.1)
    assert answer.throttle_time_ms == 0
    assert not door.muted_ms


def test_only_produce_requests_are_produced(throttling):
    door = Door()
    throttling.received(door.call(), ApiKey.METADATA, 100_000, 5.0)
    assert not door.muted_ms


def test_an_answer_that_is_none_holds_up_all_the_same(throttling):
    door = Door()
    call = door.call()
    throttling.received(call, ApiKey.PRODUCE, 3000, 5.0)
    throttling.answered(call, ApiKey.PRODUCE, None, 5.0)
    assert door.muted_ms == [3000]


def busy(throttling: Throttling, door: Door, key: ApiKey, seconds: float, answer: object) -> Call:
    call = door.call()
    throttling.received(call, key, 10, 5.0)
    throttling.answered(call, key, answer, 5.0 + seconds)
    return call


def test_the_time_of_the_loop_is_measured_in_percent_and_waited_for_one_window_at_most(throttling):
    door = Door(Principal("User", "alice"))
    answer = MetadataResponse()
    busy(throttling, door, ApiKey.METADATA, 0.09, answer)
    assert (answer.throttle_time_ms, door.muted_ms) == (0, [])
    busy(throttling, door, ApiKey.METADATA, 0.05, answer)
    assert answer.throttle_time_ms > 300
    assert door.muted_ms == [answer.throttle_time_ms]
    busy(throttling, door, ApiKey.METADATA, 5.0, answer)
    assert answer.throttle_time_ms == 1000


def test_time_in_which_the_loop_does_something_else_is_nobodys(throttling):
    door = Door(Principal("User", "alice"))
    call, answer = door.call(), MetadataResponse()
    throttling.received(call, ApiKey.METADATA, 10, 5.0)
    throttling.waits(call, 5.01)
    throttling.goes_on(call, 95.0)
    throttling.answered(call, ApiKey.METADATA, answer, 95.01)
    assert call.spent_s == pytest.approx(0.02)
    assert answer.throttle_time_ms == 0


def test_writing_counts_for_the_next_one(throttling):
    door = Door(Principal("User", "alice"))
    answer = MetadataResponse()
    throttling.written(busy(throttling, door, ApiKey.METADATA, 0.0, answer), ApiKey.METADATA, 5.5)
    assert answer.throttle_time_ms == 0
    busy(throttling, door, ApiKey.METADATA, 0.0, answer)
    assert answer.throttle_time_ms == 1000


@pytest.mark.parametrize("exempt", ["markers", "peer"])
def test_what_brokers_ask_each_other_is_not_held_up(throttling, exempt):
    door = Door(Principal("User", "alice"))
    door.session.peer_id = 2 if exempt == "peer" else None
    if exempt == "markers":
        busy(throttling, door, ApiKey.WRITE_TXN_MARKERS, 5.0, WriteTxnMarkersResponse())
    else:
        busy(throttling, door, ApiKey.METADATA, 5.0, MetadataResponse())
    assert not door.muted_ms


def test_the_longest_wait_is_told(throttling):
    door = Door()
    call, answer = door.call(), MetadataResponse()
    for wait_ms in (5, 70, 20):
        call.hold(wait_ms)
    throttling.answered(call, ApiKey.METADATA, answer, 5.0)
    assert (answer.throttle_time_ms, door.muted_ms) == (70, [70])
    assert str(door.session.principal) == "User:ANONYMOUS"
