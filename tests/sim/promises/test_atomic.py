"""All of a transaction is seen, or nothing: each way to break that is found."""

from __future__ import annotations

import pytest

from cordwood.sim.promises.atomic import torn
from cordwood.sim.promises.notes import Notes, Outcome, Place, Transaction

P0, P1 = ("n1", "payments", 0), ("n1", "payments", 1)


def transaction(number: int, outcome: Outcome, *, moves_offset: bool = False) -> Transaction:
    values = {P0: [b"a%d" % number, b"b%d" % number], P1: [b"c%d" % number]}
    return Transaction("one", "g", number, values, moves_offset, outcome)


def seen(*numbers: int) -> dict[Place, list[bytes]]:
    """What is seen when these transactions are committed."""
    return {
        P0: [value for number in numbers for value in (b"a%d" % number, b"b%d" % number)],
        P1: [b"c%d" % number for number in numbers],
    }


def kept(*transactions: Transaction, visible: dict[Place, list[bytes]], **more: object) -> bool:
    return not list(torn(Notes(transactions=list(transactions), **more), visible))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("outcome", "all_of_it", "nothing"),
    [
        (Outcome.COMMITTED, True, False),
        (Outcome.MAYBE, True, True),
        (Outcome.ABORTED, False, True),
        (Outcome.OPEN, False, True),
    ],
)
def test_what_a_producer_was_told_is_what_is_seen(outcome: Outcome, all_of_it: bool, nothing: bool):
    one = transaction(1, outcome)
    assert kept(one, visible=seen(1)) is all_of_it
    assert kept(one, visible=seen()) is nothing
    assert not kept(one, visible={**seen(1), P1: []})


def test_offsets_are_those_of_the_last_committed_transaction():
    several = [
        transaction(1, Outcome.COMMITTED, moves_offset=True),
        transaction(2, Outcome.MAYBE, moves_offset=True),
        transaction(3, Outcome.ABORTED, moves_offset=True),
        transaction(4, Outcome.COMMITTED),
    ]
    assert kept(*several, visible=seen(1, 4), offsets={"g": 1})
    assert kept(*several, visible=seen(1, 2, 4), offsets={"g": 2})
    assert kept(visible={}, offsets={"g": -1})
    for visible, offset in ((seen(1, 4), 2), (seen(1, 2, 4), 1), (seen(1, 4), 3), (seen(1, 4), -1)):
        assert not kept(*several, visible=visible, offsets={"g": offset})


@pytest.mark.parametrize("values", [[b"a1", b"b1", b"b1"], [b"b1", b"a1"], [b"a1", b"b1", b"z"], [b"a1", b"b1", b"c1"]])
def test_nothing_comes_twice_in_another_order_or_from_nowhere(values: list[bytes]):
    assert not kept(transaction(1, Outcome.COMMITTED), visible={**seen(1), P0: values})


def test_transactions_of_one_producer_come_in_their_order():
    both = transaction(1, Outcome.COMMITTED), transaction(2, Outcome.COMMITTED)
    assert kept(*both, visible=seen(1, 2))
    assert not kept(*both, visible=seen(2, 1))


def test_what_a_reader_saw_early_is_what_is_there():
    one = transaction(1, Outcome.COMMITTED)
    assert kept(one, visible=seen(1), read_committed={P0: [b"a1"], P1: []})
    assert not kept(one, visible=seen(1), read_committed={P0: [b"b1"]})
    assert not kept(one, visible=seen(1), read_committed={P1: [b"c1", b"c2"]})
