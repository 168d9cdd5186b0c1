"""A snapshot says how far each group is, and how far behind."""

from __future__ import annotations

import asyncio

import pytest

from cordwood.coordinator.lag import GroupLag, Lag, OffsetLag
from cordwood.groups.classic.commands import Join
from cordwood.groups.offsets.commands import Commit, CommitOffset
from cordwood.sim.clock import SimClock
from cordwood.testing import Server
from tests.coordinator.rig import RANGE
from tests.coordinator.test_groups import create, run
from tests.replica.test_partition import batch

pytestmark = pytest.mark.asyncio


async def test_how_far_behind_a_group_is() -> None:
    async with Server(settings={"flush.policy": "os"}) as server:
        await create(server.node, "orders", "payments")
        groups, partitions, clock = server.node.groups, server.node.partitions, SimClock()
        lag = Lag(partitions, clock, lambda: groups.shards)
        lag.note()
        orders = partitions.get(("orders", 0))
        assert orders is not None
        orders.log.wake()
        for _ in range(10):
            clock.advance(1_000)
            orders.append(batch())
            lag.note()
        await run(groups, Commit("g", (CommitOffset("orders", 0, 4), CommitOffset("payments", 0, 0))))
        clock.advance(500)
        (group,) = await lag.snapshot()
        assert group == GroupLag(
            "g", "classic", "Empty", 0, (OffsetLag("orders", 0, 4, 6, 6.5), OffsetLag("payments", 0, 0, 0, 0.0))
        )


async def test_a_partition_that_is_elsewhere_has_no_lag() -> None:
    async with Server() as server:
        await run(server.node.groups, Commit("g", (CommitOffset("elsewhere", 0, 4),)))
        report = await server.node.groups.report()
        assert report.groups[0].offsets == (OffsetLag("elsewhere", 0, 4, None, None),)


async def test_members_are_counted_and_the_loop_has_its_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cordwood.coordinator.lag.SLICE_SECONDS", 0.0)
    async with Server() as server:
        for number in range(5):
            await run(server.node.groups, Join(f"g{number}", "", None, "c", "/h", 9_000, 9_000, "consumer", (RANGE,)))
        snapshot = asyncio.ensure_future(server.node.groups.report())
        turns = 0
        while not snapshot.done():
            await asyncio.sleep(0)
            turns += 1
        assert [group.member_count for group in snapshot.result().groups] == [1] * 5
        assert turns > 5


async def test_notes_are_taken_from_the_start() -> None:
    async with Server() as server:
        await create(server.node, "orders")
        lag = Lag(server.node.partitions, SimClock(), list)
        lag.start()
        await asyncio.sleep(0)
        assert lag._watermarks._notes
        await lag.stop()
