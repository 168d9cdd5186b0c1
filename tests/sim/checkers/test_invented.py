"""The checker of what was invented finds what nobody wrote."""

from __future__ import annotations

from cordwood.sim.checkers.invented import invented
from cordwood.sim.history import Outcome
from tests.sim.checkers.logs import found_of, history_of, record


def test_what_was_asked_for_may_be_there():
    assert not list(invented(history_of(2, Outcome.ASKED), found_of(record(0), record(1))))


def test_a_record_that_nobody_wrote_is_invented():
    assert len(list(invented(history_of(1), found_of(record(0), record(1))))) == 1


def test_a_record_in_another_place_is_invented():
    assert len(list(invented(history_of(2), found_of(record(0, b"1"), record(1))))) == 1
