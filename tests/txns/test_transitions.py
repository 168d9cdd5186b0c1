"""The table of transitions is whole: nothing leads nowhere, nothing leads back from the dead, and the docs show it."""

from __future__ import annotations

import pytest

from cordwood.txns.transitions import ENDING, STORED_CODES, TRANSITIONS, Event, State
from tests.tidy.tree import ROOT

BEGIN, END = "<!-- transactions diagram -->\n```mermaid\n", "```\n<!-- /transactions diagram -->"


def test_every_state_has_a_row():
    assert set(TRANSITIONS) == set(State)


def test_every_event_can_happen_and_every_state_can_be_reached_but_one():
    assert {event for row in TRANSITIONS.values() for event in row} == set(Event)
    assert {target for row in TRANSITIONS.values() for target in row.values()} == set(State) - {
        State.PREPARE_EPOCH_FENCE
    }


def test_a_decided_end_leads_to_nothing_but_its_own_completion():
    assert {state: dict(TRANSITIONS[state]) for state in ENDING} == {
        State.PREPARE_COMMIT: {Event.MARKERS_WRITTEN: State.COMPLETE_COMMIT},
        State.PREPARE_ABORT: {Event.MARKERS_WRITTEN: State.COMPLETE_ABORT},
    }


def test_an_impossible_event_is_a_mistake_of_ours():
    with pytest.raises(AssertionError, match="Empty cannot see: commit decided"):
        TRANSITIONS.after(State.EMPTY, Event.COMMITTED)


def test_what_is_stored_has_kafkas_numbers():
    assert sorted(STORED_CODES.values()) == [0, 1, 2, 3, 4, 5]
    assert STORED_CODES.keys() == set(State) - {State.DEAD, State.PREPARE_EPOCH_FENCE}


def test_the_docs_show_the_table():
    page = (ROOT / "docs/TRANSACTIONS.md").read_text("utf-8")
    shown = page[page.index(BEGIN) + len(BEGIN) : page.index(END)]
    assert shown == TRANSITIONS.diagram(), (
        "docs/TRANSACTIONS.md is older than the table: write `TRANSITIONS.diagram()` between its markers"
    )
