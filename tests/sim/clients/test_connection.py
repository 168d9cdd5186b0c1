"""Requests and answers over the simulated network, and what a client sees when it breaks."""

from __future__ import annotations

import pytest

from cordwood.sim.clients.connection import Refused, Unanswered
from cordwood.wire.messages.api_versions import ApiVersionsRequest, ApiVersionsResponse
from cordwood.wire.messages.init_producer_id import InitProducerIdRequest, InitProducerIdResponse


def test_a_request_is_answered(bench):
    connection = bench.connection()
    answer = bench.run(connection.ask(ApiVersionsRequest(), 0, ApiVersionsResponse))
    assert answer.api_keys
    assert connection.is_open


def test_a_broker_that_is_gone_is_noticed(bench):
    connection = bench.connection()
    bench.run(connection.open())
    bench.machine.kill()
    connection.send(ApiVersionsRequest(), 0)
    with pytest.raises(Unanswered, match="Reset"):
        bench.run(connection.receive(ApiVersionsResponse))
    assert not connection.is_open
    with pytest.raises(Unanswered, match="cannot be reached"):
        bench.run(connection.open())
    for call in (lambda: connection.send(ApiVersionsRequest(), 0), lambda: bench.run(connection.receive(object))):
        with pytest.raises(Unanswered, match="no connection"):
            call()


def test_a_broker_that_is_silent_is_given_up(bench):
    connection = bench.connection()
    bench.machine.pause(60_000)
    begun = bench.world.loop.time()
    with pytest.raises(Unanswered, match="Timeout"):
        bench.run(connection.ask(ApiVersionsRequest(), 0, ApiVersionsResponse))
    assert 4 <= bench.world.loop.time() - begun < 5


def test_asking_goes_on_until_there_is_an_answer(bench):
    bench.machine.kill()
    bench.world.loop.after_us(3_000_000, bench.machine.start)
    ask = bench.connection().ask_until(InitProducerIdRequest(), 2, InitProducerIdResponse, lambda one: [one.error_code])
    assert bench.run(ask).producer_id >= 0
    assert bench.world.trace.counts["retry"] > 3


def test_an_error_that_stays_is_raised(bench):
    ask = bench.connection().ask_until(ApiVersionsRequest(), 0, ApiVersionsResponse, lambda _: [0, 42])
    with pytest.raises(Refused, match="ApiVersionsRequest was refused: INVALID_REQUEST") as raised:
        bench.run(ask)
    assert raised.value.code == 42


def test_an_error_that_passes_is_tried_again(bench):
    codes = iter([[7], [0]])
    ask = bench.connection().ask_until(ApiVersionsRequest(), 0, ApiVersionsResponse, lambda _: next(codes))
    before = bench.world.trace.counts["retry"]
    bench.run(ask)
    assert bench.world.trace.counts["retry"] == before + 1
