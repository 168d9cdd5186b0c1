"""All promises together, each sentence with its place."""

from __future__ import annotations

from cordwood.sim.promises import broken
from cordwood.sim.promises.notes import Acknowledged, Kept, Notes, Outcome, Transaction
from tests.sim.promises.batches import sent, stored

PLACE = ("n1", "orders", 0)
PAYMENTS = ("n1", "payments", 0)


def notes() -> Notes:
    batch = sent(0)
    return Notes({PLACE: [batch]}, {PLACE: [Acknowledged(batch, 0)]}, {PLACE: [stored(batch, 0)]})


def test_kept_promises_make_no_words():
    assert not broken(notes(), {PLACE: [stored(sent(0), 0)]}, {})


def test_each_promise_is_looked_at():
    one = notes()
    one.refused.append("refused: x")
    one.kept.append(Kept("g", 1, 1, 0))
    one.transactions.append(Transaction("p", "g", 1, {PAYMENTS: [b"x"]}, False, Outcome.COMMITTED))
    sentences = broken(one, {PLACE: [stored(sent(5), 0)]}, {PAYMENTS: []})
    kinds = [sentence.removeprefix("n1, orders-0: ").split(":")[0] for sentence in sentences]
    assert kinds == ["refused", "kept", "torn", "lost", "order", "invented", "changed"]


def test_a_place_that_was_not_read_back_is_told():
    assert "was not read back" in broken(notes(), {}, {})[0]
