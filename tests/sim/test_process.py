"""Who runs is found wherever its code goes."""

from __future__ import annotations

import asyncio

from cordwood.sim.process import Process, current_process, process_of


def test_nobody_runs_outside():
    assert current_process() is None
    assert process_of(None) is None


def test_what_a_process_schedules_is_its_own(rig):
    seen = []

    async def child():
        seen.append(current_process())

    async def parent():
        loop = asyncio.get_running_loop()
        loop.call_soon(lambda: seen.append(current_process()))
        loop.call_later(1, lambda: seen.append(current_process()))
        await asyncio.to_thread(lambda: seen.append(current_process()))
        await asyncio.create_task(child())
        await asyncio.wait([loop.create_future()], timeout=2)

    rig.run(rig.a, parent)
    assert seen == [rig.a] * 4


def test_a_context_knows_its_process():
    process = Process("a", "one")
    assert process_of(process.context) is process
    assert process.call(current_process) is process
    assert repr(process) == "<one on a>"
    process.alive = False
    assert "dead" in repr(process)
