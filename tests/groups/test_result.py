"""Results are added up in their order."""

from __future__ import annotations

from cordwood.groups.result import NOTHING, Answer, Record, Result, Ticket, Timer, answered, merged


def test_results_are_merged_in_their_order():
    first = Result((Record("a"),), (Answer(Ticket(1), "one"),), (Timer(("session", "a"), 10),))
    second = answered(Ticket(2), "two", Record("b"))
    assert merged(first, NOTHING, second) == Result(
        (Record("a"), Record("b")), (Answer(Ticket(1), "one"), Answer(Ticket(2), "two")), (Timer(("session", "a"), 10),)
    )
    assert merged() == NOTHING
