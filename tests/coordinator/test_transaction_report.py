"""A report counts the ids by state, and says what is owed for how long."""

from __future__ import annotations

import asyncio
import errno

import pytest

from cordwood.coordinator import transaction_report
from cordwood.model.errors import StorageFailed
from cordwood.txns.commands import InitProducerId
from tests.coordinator.transaction_rig import ORDERS, Rig

pytestmark = pytest.mark.asyncio


async def test_what_a_broker_has() -> None:
    rig = await Rig().started()
    producer = await rig.producer()
    for name in ("idle", "idler"):
        await rig.ask(InitProducerId(name, 60_000))
    await rig.add(producer, *ORDERS)
    rig.clock.advance(5_000)
    report = await rig.transactions.report()
    assert report.states == {"Empty": 2, "Ongoing": 1}
    assert (report.oldest_open_ms, report.ending, report.waiting_markers) == (5_000, 0, 0)
    assert (report.health.shards, report.health.not_ready, report.counts.initialized) == (1, 0, 3)
    rig.directories[ORDERS[0]].fail(StorageFailed("/sim", "write", OSError(errno.EIO, "gone")))
    rig.end(producer, committed=True)
    await rig.settle()
    report = await rig.transactions.report()
    assert report.states == {"Empty": 2, "PrepareCommit": 1}
    assert (report.oldest_open_ms, report.ending, report.waiting_markers) == (0, 1, 1)
    assert (report.counts.committed, report.counts.written_markers) == (1, 2)


async def test_a_shard_that_loads_is_passed_over() -> None:
    report = await Rig().transactions.report()
    assert report.states == {}
    assert report.health.not_ready == 1


async def test_the_loop_has_its_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transaction_report, "LOOKED_AT_ONCE", 1)
    rig = await Rig().started()
    for number in range(5):
        await rig.ask(InitProducerId(f"id-{number}", 60_000))
    taking = asyncio.ensure_future(rig.transactions.report())
    turns = 0
    while not taking.done():
        await asyncio.sleep(0)
        turns += 1
    assert taking.result().states == {"Empty": 5}
    assert turns >= 5
