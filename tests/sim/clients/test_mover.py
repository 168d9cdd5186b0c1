"""Partitions go from one directory to another; that one is in two, or in none, is seen."""

from __future__ import annotations

import pytest

from cordwood.sim.clients.mover import Mover
from cordwood.wire.messages.describe_log_dirs import (
    DescribeLogDirsPartition,
    DescribeLogDirsResponse,
    DescribeLogDirsResult,
    DescribeLogDirsTopic,
)
from tests.sim.clients.conftest import PLACE

DIRECTORIES = ("/data", "/more")


def test_a_partition_goes_back_and_forth(bench):
    mover = Mover(bench.connection(), [PLACE], DIRECTORIES, bench.notes)
    task = bench.start(mover)
    bench.pass_time(10)
    bench.finish(mover, task)
    assert not bench.notes.refused
    assert bench.world.trace.counts["moved"] > 1


def test_a_directory_that_is_not_there_is_refused(bench):
    mover = Mover(bench.connection(), [PLACE], ["/nowhere"], bench.notes)
    bench.world.loop.run_until_complete(bench.start(mover))
    assert bench.notes.refused == ["client: AlterReplicaLogDirsRequest was refused: LOG_DIR_NOT_FOUND"]


@pytest.mark.parametrize("directories", [(), DIRECTORIES])
def test_a_partition_in_no_directory_or_in_two_is_seen(bench, monkeypatch, directories):
    connection = bench.connection()
    topic = DescribeLogDirsTopic("orders", [DescribeLogDirsPartition(0)])

    async def ask_until(*_):
        return DescribeLogDirsResponse(results=[DescribeLogDirsResult(0, path, [topic]) for path in directories])

    monkeypatch.setattr(connection, "ask_until", ask_until)
    bench.run(Mover(connection, [PLACE], DIRECTORIES, bench.notes).look())
    assert bench.notes.refused == [f"client: orders-0 is in {len(directories)} directories, and not in one"]
