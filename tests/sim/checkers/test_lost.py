"""The checker of what was lost finds what was lost, and only that."""

from __future__ import annotations

from cordwood.sim.checkers.lost import lost
from cordwood.sim.history import Outcome
from tests.sim.checkers.logs import found_of, history_of, record


def test_what_is_there_is_not_lost():
    assert not list(lost(history_of(3), found_of(record(0), record(1), record(2)), Outcome.SYNCED))


def test_a_missing_record_is_lost():
    assert [
        "lost" in finding and "is not there" in finding
        for finding in lost(history_of(3), found_of(record(0), record(1)), Outcome.SYNCED)
    ] == [True]


def test_a_changed_record_is_lost():
    (finding,) = lost(history_of(1), found_of(record(0, b"other")), Outcome.SYNCED)
    assert "other" in finding


def test_what_did_not_get_so_far_may_be_gone():
    assert not list(lost(history_of(3, Outcome.WRITTEN), found_of(), Outcome.SYNCED))
    assert len(list(lost(history_of(3, Outcome.WRITTEN), found_of(), Outcome.WRITTEN))) == 3
