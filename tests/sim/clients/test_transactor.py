"""A transactional producer goes on whatever happens, and notes what it was told."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from cordwood.sim.clients.committed_reader import CommittedReader
from cordwood.sim.clients.transactor import Transactor
from cordwood.sim.promises.atomic import torn
from cordwood.sim.promises.notes import Outcome
from cordwood.wire.messages.end_txn import EndTxnRequest, EndTxnResponse
from tests.sim.clients.conftest import PLACE


def finished(bench: Any, transactor: Transactor, task: Any) -> Counter[Outcome]:
    """What it was told, when everything that readers see was compared with it."""
    bench.finish(transactor, task)
    bench.run(transactor.look())
    found = bench.run(CommittedReader(bench.connection(), PLACE, bench.notes).read_all())
    assert not bench.notes.refused
    assert not list(torn(bench.notes, {PLACE: found}))
    assert len(found) > 10
    return Counter(transaction.outcome for transaction in bench.notes.transactions)


@pytest.mark.parametrize("version_2", [False, True])
def test_transactions_are_committed_and_aborted(bench: Any, version_2: bool):
    transactor = Transactor(bench.connection(), [PLACE], bench.notes, version_2=version_2)
    task = bench.start(transactor)
    bench.pass_time(5)
    outcomes = finished(bench, transactor, task)
    assert outcomes.keys() == {Outcome.COMMITTED, Outcome.ABORTED}
    assert bench.notes.offsets[transactor.group] > 0


@pytest.mark.parametrize("version_2", [False, True])
def test_a_death_of_the_broker_leaves_nothing_torn(bench: Any, version_2: bool):
    transactor = Transactor(bench.connection(), [PLACE], bench.notes, version_2=version_2)
    task = bench.start(transactor)
    for _ in range(3):
        bench.pass_time(1)
        bench.machine.cut_power()
        bench.pass_time(1)
        bench.machine.start()
    finished(bench, transactor, task)
    assert bench.world.trace.counts["retry"]


@pytest.mark.parametrize("version_2", [False, True])
def test_a_transaction_that_ran_out_of_time_is_not_the_end(bench: Any, version_2: bool):
    transactor = Transactor(bench.connection(), [PLACE], bench.notes, version_2=version_2)
    task = bench.start(transactor)
    bench.pass_time(2)
    while bench.notes.transactions[-1].outcome is not Outcome.OPEN:
        bench.pass_time(0.001)
    bench.world.network.isolate("client")
    bench.pass_time(20)
    bench.world.network.heal()
    bench.pass_time(2)
    finished(bench, transactor, task)


def test_a_refusal_is_noted_and_the_end(bench: Any, monkeypatch: pytest.MonkeyPatch):
    connection = bench.connection()
    transactor = Transactor(connection, [PLACE], bench.notes, version_2=True)
    ask_until = connection.ask_until

    async def refused(message: Any, version: int, kind: Any, codes: Any) -> Any:
        if isinstance(message, EndTxnRequest):
            return await ask_until(message, version, EndTxnResponse, lambda _: [49])
        return await ask_until(message, version, kind, codes)

    monkeypatch.setattr(connection, "ask_until", refused)
    bench.world.loop.run_until_complete(bench.start(transactor))
    assert bench.notes.refused == ["client: EndTxnRequest was refused: INVALID_PRODUCER_ID_MAPPING"]
