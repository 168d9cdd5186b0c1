"""A table of states is a mapping that knows its mistakes and draws itself."""

from __future__ import annotations

from enum import Enum

import pytest

from cordwood.model.state_table import StateTable


class Door(Enum):
    OPEN = "Open"
    SHUT = "Shut"
    GONE = "Gone"


class Deed(Enum):
    PUSHED = "pushed"
    KICKED = "kicked"
    PULLED = "pulled"
    REMOVED = "removed"


DOORS = StateTable[Door, Deed](
    "a door",
    begin=Door.OPEN,
    end=Door.GONE,
    rows={
        Door.OPEN: {Deed.PUSHED: Door.SHUT, Deed.KICKED: Door.SHUT, Deed.PULLED: Door.OPEN},
        Door.SHUT: {Deed.PULLED: Door.OPEN, Deed.REMOVED: Door.GONE},
        Door.GONE: {},
    },
)


def test_an_event_leads_to_the_next_state():
    assert DOORS.after(Door.OPEN, Deed.KICKED) is Door.SHUT
    assert Deed.PULLED in DOORS[Door.SHUT]
    assert (list(DOORS), len(DOORS)) == (list(Door), 3)


def test_an_impossible_event_is_a_mistake_of_ours():
    with pytest.raises(AssertionError, match="a door that is Gone cannot see: pushed"):
        DOORS.after(Door.GONE, Deed.PUSHED)


def test_the_diagram_has_an_arrow_for_each_pair_of_states():
    assert DOORS.diagram().splitlines() == [
        "stateDiagram-v2",
        "    [*] --> Open",
        "    Open --> Open: pulled",
        "    Open --> Shut: pushed<br/>kicked",
        "    Shut --> Open: pulled",
        "    Shut --> Gone: removed",
        "    Gone --> [*]",
    ]
