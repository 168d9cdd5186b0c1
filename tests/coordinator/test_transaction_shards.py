"""Markers are due when the decision is durable, and not before; or when the shard is loaded."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from msgspec import structs

from cordwood.coordinator.endings import Endings
from cordwood.coordinator.settings import CoordinatorSettings
from cordwood.coordinator.shard_kind import NOBODY, Producer
from cordwood.coordinator.transaction_counts import TransactionCounts
from cordwood.coordinator.transaction_shards import TransactionShards
from cordwood.model.decision import NO_TICKET
from cordwood.model.errors import CordwoodError
from cordwood.model.group_errors import CoordinatorNotAvailable
from cordwood.sim.clock import SimClock
from cordwood.txns.listing import DescribeTransaction, ListTransactions
from cordwood.txns.records import TransactionStored
from cordwood.txns.replies import Markers
from cordwood.txns.shard import Shard
from cordwood.txns.transitions import State
from tests.txns.driver import P0

pytestmark = pytest.mark.asyncio


def stored(state: State) -> TransactionStored:
    return TransactionStored("payments", 7, 3, 60_000, 9, state, frozenset({P0}))


class Bench:
    """A kind, a runner that says when what is durable, and whom the markers are told."""

    def __init__(self) -> None:
        self.shard = Shard()
        self.writes: list[asyncio.Future[CordwoodError | None]] = []
        self.begun: list[Markers] = []
        self.counts = TransactionCounts()
        self.endings = Endings(asyncio.get_running_loop())
        self.kind = TransactionShards(CoordinatorSettings(), SimClock(), self.counts, self, self.endings)

    def begin(self, runner: Any, markers: Markers) -> None:
        assert runner is self
        self.begun.append(markers)

    def written(self) -> asyncio.Future[CordwoodError | None]:
        self.writes.append(asyncio.get_running_loop().create_future())
        return self.writes[-1]

    def decided(self, *records: TransactionStored) -> None:
        for record in records:
            self.shard.replay(record)
        self.kind.took_effect(self, records)  # type: ignore[arg-type]


MARKERS = Markers("payments", 7, 3, True, frozenset({P0}), 0)


async def test_markers_wait_for_the_decision_to_be_durable() -> None:
    bench = Bench()
    bench.decided(stored(State.ONGOING))
    assert bench.writes == []
    bench.decided(stored(State.PREPARE_COMMIT))
    await asyncio.sleep(0)
    assert bench.begun == []
    bench.writes[0].set_result(None)
    await asyncio.sleep(0)
    assert bench.begun == [MARKERS]
    assert bench.counts.committed == 1


async def test_a_decision_that_is_not_durable_ends_nothing() -> None:
    bench = Bench()
    bench.decided(stored(State.PREPARE_COMMIT), stored(State.PREPARE_ABORT))
    bench.writes[0].set_result(CoordinatorNotAvailable("payments", "no"))
    bench.writes[1].cancel()
    await asyncio.sleep(0)
    assert bench.begun == []


async def test_what_is_complete_at_once_needs_no_markers() -> None:
    bench = Bench()
    bench.decided(stored(State.PREPARE_COMMIT), stored(State.COMPLETE_COMMIT))
    bench.writes[0].set_result(None)
    await asyncio.sleep(0)
    assert bench.begun == []


async def test_what_was_decided_before_is_finished_after_loading() -> None:
    bench = Bench()
    bench.shard.replay(stored(State.PREPARE_COMMIT))
    bench.shard.replay(TransactionStored("other", 8, 0, 60_000, 9, State.ONGOING, frozenset({P0})))
    bench.kind.began(bench)  # type: ignore[arg-type]
    assert bench.begun == [MARKERS]


async def test_the_end_of_a_transaction_adds_no_more_than_was_kept_for_it() -> None:
    kind = Bench().kind
    record = TransactionStored("payments", 7, 3, 60_000, 9, State.ONGOING, frozenset({P0}))
    largest = {"previous_producer_id": 6, "next_producer_id": 8, "next_producer_epoch": 9, "client_version": 2}
    ended = structs.replace(record, state=State.PREPARE_COMMIT, **largest)
    began, grown = kind.encode(record)[1], kind.encode(ended)[1]
    assert began is not None
    assert grown is not None
    assert 0 < len(grown) - len(began) <= kind.spare_bytes(record)
    assert kind.spare_bytes(ended) == kind.spare_bytes(stored(State.EMPTY)) == 0


async def test_what_is_particular_to_transactions() -> None:
    kind = Bench().kind
    record = stored(State.ONGOING)
    assert kind.decode(*kind.encode(record), NOBODY) == record
    assert kind.decode(*kind.encode(record), Producer(7, 3)) == record
    assert kind.producer_of(record) is NOBODY
    assert kind.name_of(DescribeTransaction("payments")) == "payments"
    assert kind.name_of(ListTransactions()) == ""
    assert kind.new_turn(NO_TICKET).settings == CoordinatorSettings().transactions
    shard = kind.new_shard()
    shard.replay(record)
    kind.complete(shard, 7, committed=True)
    assert shard.transactions == {"payments": record}


async def test_who_waits_for_the_end_is_woken_when_the_transaction_is_over() -> None:
    bench = Bench()
    waiting = asyncio.ensure_future(bench.endings.over("payments", 60_000))
    await asyncio.sleep(0)
    bench.decided(stored(State.PREPARE_COMMIT))
    await asyncio.sleep(0)
    assert not waiting.done()
    bench.decided(stored(State.COMPLETE_COMMIT))
    await waiting
