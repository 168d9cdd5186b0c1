"""A committed reader passes over what was aborted, and waits for what is open."""

from __future__ import annotations

from typing import Any

from cordwood.sim.clients.committed_reader import CommittedReader
from cordwood.sim.clients.transactor import TIMEOUT_MS, Transactor
from cordwood.sim.promises.notes import Outcome
from tests.sim.clients.conftest import PLACE


def committed(bench: Any) -> list[bytes]:
    """What transactions that were committed wrote."""
    return [
        value
        for transaction in bench.notes.transactions
        for value in transaction.values[PLACE]
        if transaction.outcome is Outcome.COMMITTED
    ]


def test_it_reads_what_was_committed_and_goes_on_after_a_death(bench: Any):
    transactor = Transactor(bench.connection(), [PLACE], bench.notes, version_2=True)
    reader = CommittedReader(bench.connection(), PLACE, bench.notes)
    writing, reading = bench.start(transactor), bench.start(reader)
    bench.pass_time(2)
    bench.machine.cut_power()
    bench.machine.start()
    bench.pass_time(2)
    bench.finish(transactor, writing)
    bench.pass_time(2)
    bench.finish(reader, reading)
    aborted = [one for one in bench.notes.transactions if one.outcome is Outcome.ABORTED]
    assert aborted
    assert reader.found == committed(bench)


def test_it_waits_until_an_open_transaction_is_over(bench: Any):
    transactor = Transactor(bench.connection(), [PLACE], bench.notes, version_2=False)
    task = bench.start(transactor)
    bench.pass_time(1)
    while bench.notes.transactions[-1].outcome is not Outcome.OPEN:
        bench.pass_time(0.001)
    task.cancel()  # In the midst of a transaction, which nobody ends but the time.
    began = bench.world.loop.time()
    found = bench.run(CommittedReader(bench.connection(), PLACE, bench.notes).read_all())
    assert found == committed(bench)
    assert bench.world.loop.time() - began < 3 * TIMEOUT_MS / 1000
