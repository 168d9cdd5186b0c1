"""The table of transitions is whole: nothing leads nowhere, nothing leads back from the dead, and the docs show it."""

from __future__ import annotations

import pytest

from cordwood.groups.classic.transitions import TRANSITIONS, Event, State
from tests.tidy.tree import ROOT

BEGIN, END = "<!-- classic diagram -->\n```mermaid\n", "```\n<!-- /classic diagram -->"


def test_every_state_has_a_row():
    assert set(TRANSITIONS) == set(State)


def test_every_event_can_happen_and_every_state_can_be_reached():
    assert {event for row in TRANSITIONS.values() for event in row} == set(Event)
    assert {target for row in TRANSITIONS.values() for target in row.values()} == set(State)


def test_a_rebalance_is_joining_then_syncing():
    state = State.EMPTY
    for event in (Event.MEMBER_JOINED, Event.GENERATION_BEGUN, Event.MEMBER_SYNCED, Event.STORED):
        state = TRANSITIONS.after(state, event)
    assert state is State.STABLE


def test_an_impossible_event_is_a_mistake_of_ours():
    with pytest.raises(AssertionError, match="Dead cannot see: member joined"):
        TRANSITIONS.after(State.DEAD, Event.MEMBER_JOINED)
    with pytest.raises(AssertionError, match="Empty cannot see: member synced"):
        TRANSITIONS.after(State.EMPTY, Event.MEMBER_SYNCED)


def test_the_docs_show_the_table():
    page = (ROOT / "docs/GROUPS.md").read_text("utf-8")
    shown = page[page.index(BEGIN) + len(BEGIN) : page.index(END)]
    assert shown == TRANSITIONS.diagram(), (
        "docs/GROUPS.md is older than the table: write `TRANSITIONS.diagram()` between its markers"
    )
