"""Decisions that come together are made one after another, and share a command within its bounds."""

from __future__ import annotations

import asyncio

import pytest

from cordwood.controller.rounds import ROUND_BYTES, ROUND_LIMIT, Ask, Round
from cordwood.metadata import EMPTY, Result, decode
from cordwood.metadata.records import ClusterRecord, ConfigRecord


def config(value, name="a"):
    return ConfigRecord(4, "", name, value)


def ask(decide):
    return Ask(decide, asyncio.get_running_loop().create_future())


@pytest.mark.asyncio
async def test_each_sees_what_was_decided_before_it():
    def add(image):
        count = len(image.configs)
        return Result((config(str(count)),) if not count else (), count)

    asks = [ask(add), ask(add)]
    one = Round(EMPTY)
    one.decide(asks)
    assert [decode(record) for record in one.records] == [config("0")]
    one.answer()
    assert [await each.answer for each in asks] == [0, 1]


@pytest.mark.asyncio
async def test_an_error_is_one_asker_s_and_told_with_the_rest():
    def refuse(image):
        raise ValueError("refused")

    misfit = ClusterRecord("c")
    asks = [
        ask(refuse),
        ask(lambda image: Result((config("x"),), "done")),
        ask(lambda image: Result((misfit,) * 2, "")),
    ]
    one = Round(EMPTY)
    one.decide(asks)
    assert not asks[0].is_over, "nobody knows yet whether the image was stale"
    assert len(one.records) == 1
    one.answer()
    with pytest.raises(ValueError, match="refused"):
        await asks[0].answer
    assert await asks[1].answer == "done"
    with pytest.raises(Exception, match="contradicts"):
        await asks[2].answer


@pytest.mark.asyncio
async def test_nobody_gets_what_failed():
    asks = [ask(lambda image: Result((config("x"),), "done")) for _ in range(2)]
    one = Round(EMPTY)
    one.decide(asks)
    one.fail(ValueError("broken"))
    for each in asks:
        with pytest.raises(ValueError, match="broken"):
            await each.answer


@pytest.mark.asyncio
async def test_who_has_gone_is_passed_over():
    calls = []
    gone, there = ask(calls.append), ask(lambda image: Result((), "there"))
    gone.answer.cancel()
    one = Round(EMPTY)
    assert one.is_over
    one.decide([gone, there])
    assert not calls
    assert len(one) == 2
    assert not one.is_over
    one.answer()
    assert await there.answer == "there"
    assert one.is_over


def one_that_is_large():
    return ask(lambda image: Result((config("x" * 2 * ROUND_BYTES),), None))


@pytest.mark.asyncio
async def test_a_round_has_bounds():
    half = "x" * (ROUND_BYTES // 2)
    one = Round(EMPTY)
    one.decide([ask(lambda image: Result((config(half),), None)) for _ in range(5)])
    assert len(one) == 1
    refusal = ask(lambda image: Result((), None))
    for asks in ([one_that_is_large(), refusal], [refusal, one_that_is_large()]):
        alone = Round(EMPTY)
        alone.decide(asks)
        assert len(alone) == 1, "one that is larger goes alone"
    many = Round(EMPTY)
    many.decide([ask(lambda image: Result((), None)) for _ in range(ROUND_LIMIT + 1)])
    assert len(many) == ROUND_LIMIT
