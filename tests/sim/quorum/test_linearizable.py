"""Histories that can be told as one story, and such that cannot."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cordwood.sim.quorum import linearizable
from cordwood.sim.quorum.history import NEVER, History, Kind, Operation, Told
from cordwood.sim.quorum.linearizable import Impossible, Undecided, after, contradiction, contradictions


def ask(kind: Kind, told: Told, asked: int, answered: int = NEVER, value: str | None = None) -> Operation:
    return Operation("c", kind, "x", value, asked, answered, told)


CREATE, DELETE, SET, CHECK, LOOK = Kind.CREATE, Kind.DELETE, Kind.SET, Kind.CHECK, Kind.LOOK
DONE, REFUSED, UNKNOWN = Told.DONE, Told.REFUSED, Told.UNKNOWN


@pytest.mark.parametrize(
    "operations",
    [
        [],
        [ask(CREATE, DONE, 1, 2), ask(CREATE, REFUSED, 3, 4), ask(DELETE, DONE, 5, 6), ask(CREATE, DONE, 7, 8)],
        [ask(CREATE, REFUSED, 1, 9), ask(CREATE, DONE, 2, 8)],
        [ask(CREATE, UNKNOWN, 1), ask(CREATE, REFUSED, 5, 6)],
        [ask(CREATE, UNKNOWN, 1), ask(CREATE, DONE, 5, 6)],
        [ask(CREATE, DONE, 1, 2), ask(SET, UNKNOWN, 3, value="a"), ask(LOOK, DONE, 4, 5, "a")],
        [ask(CREATE, DONE, 1, 2), ask(SET, UNKNOWN, 3, value="a"), ask(LOOK, DONE, 4, 5, "plain")],
        [ask(CREATE, DONE, 1, 2), ask(SET, DONE, 3, 6, "a"), ask(SET, DONE, 4, 7, "b"), ask(LOOK, DONE, 8, 9, "a")],
        [ask(CHECK, DONE, 1, 2), ask(CREATE, DONE, 3, 4), ask(CHECK, REFUSED, 5, 6)],
    ],
)
def test_what_can_be_told(operations):
    assert contradiction(operations) is None


@pytest.mark.parametrize(
    "operations",
    [
        [ask(CREATE, REFUSED, 1, 2)],
        [ask(CREATE, DONE, 1, 2), ask(CREATE, DONE, 3, 4)],
        [ask(CREATE, DONE, 1, 2), ask(DELETE, REFUSED, 3, 4)],
        [ask(CREATE, DONE, 1, 2), ask(LOOK, DONE, 3, 4, None)],
        [ask(CREATE, REFUSED, 1, 4), ask(CREATE, DONE, 5, 6)],
        [ask(CREATE, DONE, 1, 2), ask(SET, DONE, 3, 4, "a"), ask(SET, DONE, 5, 6, "b"), ask(LOOK, DONE, 7, 8, "a")],
        [ask(CHECK, REFUSED, 1, 2), ask(CREATE, DONE, 3, 4)],
        [ask(CREATE, DONE, 1, 2), ask(CHECK, DONE, 3, 4)],
    ],
)
def test_what_cannot_be_told(operations):
    stuck = contradiction(operations)
    assert stuck in operations
    assert [*contradictions(History(operations))] == [
        f"linearizable: there is no order in which all was told so of x: {stuck}"
    ]


def test_a_search_that_takes_too_long_gives_up(monkeypatch):
    monkeypatch.setattr(linearizable, "MOST", 20)
    operations = [ask(CREATE, DONE, 1, 2)] + [ask(SET, UNKNOWN, 3, value=str(number)) for number in range(10)]
    with pytest.raises(Undecided, match="of x"):
        contradiction([*operations, ask(DELETE, REFUSED, 4, 5)])


def slowly(operations: list[Operation]) -> bool:
    """Whether any order of any choice of the unanswered ones fits: obviously right, and slow."""
    unknown = [one for one in operations if one.told is UNKNOWN]
    for bits in range(1 << len(unknown)):
        left_out = [one for place, one in enumerate(unknown) if bits >> place & 1]
        chosen = [one for one in operations if not any(one is other for other in left_out)]
        if any(fits(order) for order in permutations(chosen)):
            return True
    return False


def fits(order: tuple[Operation, ...]) -> bool:
    state = None
    for place, one in enumerate(order):
        if any(later.answered_us < one.asked_us for later in order[place:]):
            return False
        try:
            state = after(state, one)
        except Impossible:
            return False
    return True


@st.composite
def operations_of_one_topic(draw):
    found = []
    for number in range(draw(st.integers(0, 5))):
        told = draw(st.sampled_from(Told))
        asked = draw(st.integers(0, 9))
        answered = NEVER if told is UNKNOWN else asked + draw(st.integers(1, 5))
        kind = draw(st.sampled_from([CREATE, DELETE, SET, CHECK]))
        found.append(ask(kind, told, asked, answered, str(number)))
    return found


@settings(max_examples=150, deadline=None)
@given(operations_of_one_topic())
def test_it_agrees_with_the_slow_search(operations):
    assert (contradiction(operations) is None) is slowly(operations)
