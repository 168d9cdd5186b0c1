"""Results are added up in their order."""

from __future__ import annotations

from cordwood.model.decision import NOTHING, Answer, Record, Result, Ticket, Timer, answered, merged


class Renamed(Record, frozen=True):
    """A record of some core."""

    name: str


def test_results_are_merged_in_their_order():
    first = Result((Renamed("a"),), (Answer(Ticket(1), "one"),), (Timer(("session", "a"), 10),))
    second = answered(Ticket(2), "two", Renamed("b"))
    assert merged(first, NOTHING, second) == Result(
        (Renamed("a"), Renamed("b")),
        (Answer(Ticket(1), "one"), Answer(Ticket(2), "two")),
        (Timer(("session", "a"), 10),),
    )
    assert merged() == NOTHING


def test_a_record_is_stored_unless_it_says_otherwise():
    assert Renamed("a").stored
