"""A listener counts its connections, refuses those over a limit, and drains."""

from __future__ import annotations

import asyncio

import pytest

from tests.server.test_connection import Client, connected, framed, serving


async def answered(client: Client) -> bool:
    client.send(b"hello")
    try:
        return await client.receive() == b"re:hello"
    except (asyncio.IncompleteReadError, ConnectionResetError):
        return False


@pytest.mark.asyncio
@pytest.mark.parametrize("limit", ["connections_limit", "connections_per_address_limit"])
async def test_connections_over_the_limit_are_refused(limit: str) -> None:
    async with serving(**{limit: 2}) as (script, listener):
        async with connected(listener) as one, connected(listener) as two:
            assert await answered(one)
            assert await answered(two)
            async with connected(listener) as three:
                assert not await answered(three)
            await script.until_sessions(2)
            assert await answered(one)
            assert (listener.connection_count, listener.refused_total, listener.accepted_total) == (2, 1, 3)
        await script.until_sessions(0)
        async with connected(listener) as four:
            assert await answered(four), "a place that became free is given again"


@pytest.mark.asyncio
async def test_silent_connections_are_closed_and_busy_ones_are_not() -> None:
    async with serving(idle_limit_ms=50) as (script, listener), connected(listener) as silent:
        async with connected(listener) as busy:
            while script.open_sessions > 1 or listener.accepted_total != 2:
                assert await answered(busy)
                await asyncio.sleep(0)
            assert await silent.at_end()
            assert await answered(busy)


@pytest.mark.asyncio
async def test_drain_answers_what_is_owed_and_lets_nobody_in() -> None:
    async with serving() as (script, listener), connected(listener) as client:
        client.send(b"wait")
        await script.until_handled(1)
        port = listener.port
        await listener.stop_accepting()
        draining = asyncio.create_task(listener.drain(timeout_ms=10_000))
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)
        client.send(b"too late")
        script.waiting[b"wait"].set_result(framed(b"in time"))
        assert await client.receive() == b"in time"
        assert await client.at_end()
        await draining
        assert script.handled == [b"wait"]


@pytest.mark.asyncio
async def test_drain_cuts_what_does_not_end() -> None:
    async with serving() as (script, listener), connected(listener) as client:
        client.send(b"wait")
        await script.until_handled(1)
        await listener.drain(timeout_ms=1)
        assert await client.at_end()


class Gate:
    """Says of one connection after another what becomes of it."""

    def __init__(self, *entries: tuple[float, bool]) -> None:
        self.entries = list(entries)
        self.addresses: list[str] = []

    def admit(self, address: str, now: float) -> tuple[float, bool]:
        assert abs(now - asyncio.get_running_loop().time()) < 60
        self.addresses.append(address)
        return self.entries.pop(0)


@pytest.mark.asyncio
async def test_who_has_to_wait_is_served_later_and_others_meanwhile() -> None:
    gate = Gate((0.05, True), (0.0, True))
    async with serving(gate) as (script, listener):
        async with connected(listener) as first, connected(listener) as second:
            first.send(b"first")
            second.send(b"second")
            assert await second.receive() == b"re:second"
            assert await first.receive() == b"re:first"
            assert script.handled == [b"second", b"first"]
    assert gate.addresses == ["127.0.0.1"] * 2


@pytest.mark.asyncio
async def test_who_is_turned_away_is_held_and_closed() -> None:
    gate = Gate((0.02, False), (0.0, False), (0.0, True))
    async with serving(gate) as (script, listener):
        async with connected(listener) as held, connected(listener) as refused, connected(listener) as let_in:
            held.send(b"held")
            assert not await answered(refused)
            assert await answered(let_in)
            assert await held.at_end()
        assert script.handled == [b"hello"]
        assert (listener.accepted_total, listener.refused_total) == (3, 1)


@pytest.mark.asyncio
@pytest.mark.parametrize("limits", [(1, 9), (9, 1)])
async def test_limits_may_change(limits: tuple[int, int]) -> None:
    async with serving() as (_script, listener):
        async with connected(listener) as one, connected(listener) as two:
            assert await answered(one)
            listener.limit(*limits)
            assert await answered(two), "those that are there stay"
            async with connected(listener) as three:
                assert not await answered(three)
            listener.limit(9, 9)
            async with connected(listener) as four:
                assert await answered(four)


@pytest.mark.asyncio
async def test_an_address_may_have_a_limit_of_its_own() -> None:
    overrides = {"127.0.0.1": 2}
    async with serving(connections_per_address_limit=1, address_overrides=overrides) as (_script, listener):
        async with connected(listener) as one, connected(listener) as two, connected(listener) as three:
            assert await answered(one)
            assert await answered(two)
            assert not await answered(three)


@pytest.mark.asyncio
async def test_a_muted_connection_is_not_silent() -> None:
    async with serving(idle_limit_ms=20) as (script, listener), connected(listener) as muted:
        script.waiting.clear()
        assert await answered(muted)
        script.mutes[0](150)
        muted.send(b"after many sweeps")
        assert await muted.receive() == b"re:after many sweeps"
