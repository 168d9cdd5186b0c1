"""Virtual time: order, jumps, bounds, and what becomes of the dead."""

from __future__ import annotations

import asyncio
import inspect
import socket
import time

import pytest

from cordwood.env.dice import SeededDice
from cordwood.sim.faults import Crashed
from cordwood.sim.loop import Bounds, OutOfBounds, new_loop
from cordwood.sim.process import Process


@pytest.fixture
def loop():
    made = new_loop(SeededDice(1), Bounds(steps=10_000, seconds=100.0))
    yield made
    made.close()


async def sleep(seconds: float) -> float:
    await asyncio.wait_for(asyncio.get_running_loop().create_future(), seconds)
    return 0.0


def test_time_jumps_and_costs_none_of_ours(loop):
    async def wait():
        with pytest.raises(TimeoutError):
            await sleep(90)

    before = time.monotonic()
    loop.run_until_complete(wait())
    assert 90 <= loop.time() < 90.1
    assert time.monotonic() - before < 30


def test_timers_run_by_time_and_then_by_age(loop):
    order = []
    for name, delay in (("late", 2), ("first", 1), ("second", 1), ("now", 0)):
        loop.call_later(delay, order.append, name)
    loop.call_later(3, loop.stop)
    loop.run_forever()
    assert order == ["now", "first", "second", "late"]


def test_what_is_ready_goes_in_the_order_in_which_it_came(loop):
    order = []
    for number in range(5):
        loop.call_soon_threadsafe(order.append, number)
    loop.call_soon(loop.stop)
    loop.run_forever()
    assert order == [0, 1, 2, 3, 4]


def test_a_cancelled_handle_does_not_run(loop):
    ran = []
    loop.call_soon(ran.append, 1).cancel()
    loop.call_later(1, ran.append, 2).cancel()
    loop.call_later(2, loop.stop)
    loop.run_forever()
    assert not ran


def test_code_that_only_yields_sees_time_pass(loop):
    async def spin():
        until = loop.time() + 0.001
        while loop.time() < until:  # noqa: ASYNC110 - it is to spin
            await asyncio.sleep(0)
        return loop.steps

    assert loop.run_until_complete(spin()) < 2_000


def test_too_many_steps_are_an_error(loop):
    async def spin():
        while True:  # noqa: ASYNC110 - it is to spin
            await asyncio.sleep(0)

    with pytest.raises(OutOfBounds, match=r"10001 steps.*spin"):
        loop.run_until_complete(spin())


def test_too_much_time_is_an_error(loop):
    async def wait():
        while True:
            await asyncio.wait([loop.create_future()], timeout=30)

    with pytest.raises(OutOfBounds, match=r"100.0 virtual seconds.*wait"):
        loop.run_until_complete(wait())


def test_waiting_for_what_never_comes_is_an_error(loop):
    async def stuck():
        await loop.create_future()

    with pytest.raises(OutOfBounds, match=r"nothing will ever happen.*stuck"):
        loop.run_until_complete(stuck())


def test_executors_run_later_and_pass_on_errors(loop):
    async def work():
        assert await asyncio.to_thread(lambda: 7) == 7
        assert await loop.run_in_executor(None, max, 1, 2) == 2
        with pytest.raises(ZeroDivisionError):
            await asyncio.to_thread(lambda: 1 // 0)

    loop.run_until_complete(work())
    with pytest.raises(NotImplementedError):
        loop.set_default_executor(None)


def test_the_dead_do_nothing_more(loop):
    process, ran = Process("a", "one"), []

    async def live():
        loop.call_later(1, ran.append, "timer")
        try:
            await loop.create_future()
        finally:
            ran.append("finally")

    task = process.call(lambda: loop.create_task(live()))
    loop.call_later(0.5, setattr, process, "alive", False)
    loop.call_later(2, loop.stop)
    loop.run_forever()
    assert not ran
    assert not task.done()
    assert not loop.waiting()
    process.call(lambda: loop.call_soon(ran.append, "more"))
    loop.call_soon(loop.stop)
    loop.run_forever()
    assert not ran
    loop.close()
    assert ran == ["finally"]


def test_a_paused_process_waits_and_keeps_its_order(loop):
    process, ran = Process("a", "one"), []
    process.paused_until_us = 5_000_000

    def begin():
        for number in range(3):
            loop.call_soon(ran.append, number)
        loop.call_later(1, ran.append, "timer")

    process.call(begin)
    loop.call_later(4.9, lambda: ran.append("not yet"))
    loop.call_later(5.1, loop.stop)
    loop.run_forever()
    assert ran == ["not yet", 0, 1, 2, "timer"]


def test_errors_that_nobody_takes_are_kept(loop):
    def fail():
        raise ValueError("mine")

    def crash():
        raise Crashed("its own")

    loop.call_soon(fail)
    loop.call_soon(crash)
    loop.call_soon(loop.stop)
    loop.run_forever()
    assert [str(one).rpartition(": ")[2] for one in loop.unhandled] == ["ValueError('mine')"]


def test_leftover_tasks_are_reported(loop):
    async def forgotten():
        await loop.create_future()

    async def main():
        asyncio.create_task(forgotten())  # noqa: RUF006 - it is forgotten on purpose
        await asyncio.sleep(0)

    loop.run_until_complete(main())
    assert [text.rpartition(" ")[2].rpartition(".")[2] for text in loop.waiting()] == ["forgotten"]


def test_the_end_ends_everybody_whatever_they_await_on_their_way_out(loop):
    ended: list[str] = []

    async def outlives(name: str) -> None:
        try:
            await loop.create_future()
        finally:
            try:
                await loop.create_future()
            finally:
                ended.append(name)
                if name == "first":
                    loop.create_task(outlives("last"))

    inner = outlives("first")

    async def waits() -> None:
        await inner

    loop.create_task(waits())
    loop.call_soon(loop.stop)
    loop.run_forever()
    loop.close()
    assert ended == ["first"]
    assert inspect.getcoroutinestate(inner) == inspect.CORO_CLOSED
    assert not loop.waiting()


def test_what_is_not_simulated_is_refused(rig):
    async def asks():
        with pytest.raises(NotImplementedError, match="ssl"):
            await rig.loop.create_connection(asyncio.Protocol, "b", 1, ssl=True)
        with pytest.raises(NotImplementedError, match="sock"):
            await rig.loop.create_server(asyncio.Protocol, sock=object())

    rig.run(rig.a, asks)
    with pytest.raises(RuntimeError, match="only a process"):
        rig.loop.run_until_complete(rig.loop.create_connection(asyncio.Protocol, "b", 1))


def test_names_are_resolved(rig):
    async def asks():
        found = await rig.loop.getaddrinfo("b", 9092)
        assert [(one[0], one[4]) for one in found] == [(socket.AF_INET, ("10.0.0.2", 9092))]
        assert (await rig.loop.getaddrinfo("localhost", 1))[0][4] == ("10.0.0.1", 1)
        with pytest.raises(socket.gaierror):
            await rig.loop.getaddrinfo("nowhere", 1)

    rig.run(rig.a, asks)


def test_it_runs_once_at_a_time(loop):
    async def again():
        with pytest.raises(RuntimeError, match="already running"):
            loop.run_forever()

    loop.run_until_complete(again())
    assert not loop.is_running()
    loop.close()
    assert loop.is_closed()


def test_each_step_of_a_process_is_followed(rig):
    seen = []
    rig.loop.after_step = lambda process: seen.append(process.name)
    rig.a.call(lambda: rig.loop.call_soon(lambda: None))
    rig.loop.after_us(10, lambda: None)
    rig.pass_time(1)
    assert seen == ["client"]


def test_what_the_follower_of_steps_raises_ends_the_simulation(rig):
    def refuse(process):
        raise ZeroDivisionError(process.name)

    rig.loop.after_step = refuse
    rig.a.call(lambda: rig.loop.call_soon(lambda: None))
    with pytest.raises(ZeroDivisionError, match="client"):
        rig.pass_time(1)


def test_timers_of_a_process_drift_with_its_clock(rig):
    called = []
    for drift_ppm in (-100_000, 0, 100_000):
        process = Process("a", "client", drift_ppm)
        process.call(lambda: rig.loop.call_later(9.9, lambda: called.append(round(rig.loop.time(), 2))))
    rig.pass_time(12)
    assert called == [9.0, 9.9, 11.0]
