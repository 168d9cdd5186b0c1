"""Flushes that tasks of an event loop await."""

from __future__ import annotations

import asyncio

import pytest

from cordwood.model.errors import LogClosed, StorageFailed
from cordwood.raftlog.aio import Flushes
from cordwood.raftlog.codecs import TEXTS
from cordwood.raftlog.raft_log import RaftLog
from cordwood.sim.disk import SimDisk
from cordwood.sim.faults import Fault, Operation
from tests.raftlog.kit import World


def test_a_flush_is_awaited(tmp_path):
    async def main():
        log = RaftLog.open(str(tmp_path), TEXTS)
        flushes = Flushes(log)
        log.append([((1, 0), "hello")])
        await flushes.flush()
        stat = log.stat()
        assert stat.synced == stat.open_chunk.end
        log.close()

    asyncio.run(main())


def test_one_sync_and_one_wake_up_serve_many_tasks(monkeypatch):
    async def main():
        log = World().open()
        flushes = Flushes(log)
        loop = asyncio.get_running_loop()
        wakings = []
        wake = loop.call_soon_threadsafe

        def noted(*call):
            wakings.append(call)
            return wake(*call)

        monkeypatch.setattr(loop, "call_soon_threadsafe", noted)
        tasks = []
        for index in range(50):
            log.append([((1, index), "x")])
            tasks.append(asyncio.create_task(flushes.flush()))
        await asyncio.sleep(0)
        before = log.stat().syncs
        log.flusher.turn()
        await asyncio.gather(*tasks)
        assert len(wakings) == 1
        stat = log.stat()
        assert stat.synced == stat.open_chunk.end
        # One at each end of a closed chunk, one for all who wait.
        assert stat.syncs - before == len(stat.closed_chunks) + (stat.open_chunk.records > 1)

    asyncio.run(main())


def test_a_failure_is_raised_in_every_task():
    async def main():
        world = World(disk=SimDisk())
        log = world.open()
        flushes = Flushes(log)
        log.append([((1, 0), "x")])
        world.disk.faults.fail(Fault(Operation.DATASYNC))
        tasks = [asyncio.create_task(flushes.flush()) for _ in range(3)]
        await asyncio.sleep(0)
        log.flusher.turn()
        for found in await asyncio.gather(*tasks, return_exceptions=True):
            assert isinstance(found, StorageFailed)
        with pytest.raises(StorageFailed):
            await flushes.flush()

    asyncio.run(main())


def test_a_cancelled_task_harms_nobody():
    async def main():
        log = World().open()
        flushes = Flushes(log)
        log.append([((1, 0), "x")])
        gone, waiting = (asyncio.create_task(flushes.flush()) for _ in range(2))
        await asyncio.sleep(0)
        gone.cancel()
        log.flusher.turn()
        await waiting
        assert gone.cancelled()

    asyncio.run(main())


def test_written_may_be_enough():
    async def main():
        log = World().open()
        flushes = Flushes(log)
        log.append([((1, 0), "x")])
        task = asyncio.create_task(flushes.flush(sync=False))
        await asyncio.sleep(0)
        log.flusher.turn()
        await task
        assert log.stat().syncs == 0

    asyncio.run(main())


def test_a_closed_log_is_told():
    async def main():
        log = World().open()
        flushes = Flushes(log)
        log.close()
        with pytest.raises(LogClosed):
            await flushes.flush()

    asyncio.run(main())
