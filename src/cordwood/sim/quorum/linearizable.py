"""Whether a history can be told as one story: each operation at one moment between question and answer.

      client a   |-- create: done ----|
      client b         |-- create: refused --|          create(a), create(b), delete(a): it can
      client a                             |-- delete: done --|

Lives here: the search for such an order, of one topic (Wing and Gong 1993, with Lowe's memory of what was tried). Must not
live here: who asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, TypeAlias

from cordwood.sim.quorum.history import NEVER, History, Kind, Operation, Told

MOST: Final = 300_000
"""So many moments are tried; a history that needs more is not judged."""

PLAIN: Final = "plain"
"""The value of a topic that was created and not set."""

State: TypeAlias = str | None
"""The value of a topic; None where there is none."""

Moment: TypeAlias = tuple[int, State]
"""The operations that are done by then, as bits, and what they led to."""


class Undecided(Exception):
    """The search took too long."""


class Impossible(Exception):
    """An operation cannot have been told this from here."""


def contradictions(history: History) -> Iterator[str]:
    """A sentence for each topic whose history cannot be told. Raises Undecided."""
    for topic in history.topics():
        stuck = contradiction(history.of(topic))
        if stuck is not None:
            yield f"linearizable: there is no order in which all was told so of {topic}: {stuck}"


def contradiction(operations: Sequence[Operation]) -> Operation | None:
    """None if there is an order; else the operation that no order gets beyond. Raises Undecided."""
    ordered = sorted(operations, key=lambda operation: operation.asked_us)
    answered = sum(1 << place for place, one in enumerate(ordered) if one.answered_us != NEVER)
    beginning: Moment = (0, None)
    tried = {beginning}
    open_moments = [beginning]
    furthest: Operation | None = None
    while open_moments:
        done, state = open_moments.pop()
        if done & answered == answered:
            return None
        due = _due(ordered, done)
        if furthest is None or due.answered_us > furthest.answered_us:
            furthest = due
        new = set(_next(ordered, done, state, due.answered_us)) - tried
        tried |= new
        open_moments += sorted(new, key=str)
        if len(tried) > MOST:
            raise Undecided(f"more than {MOST} moments of {ordered[0].topic}")
    return furthest


def _due(ordered: Sequence[Operation], done: int) -> Operation:
    """The operation that is answered first of those that are not done."""
    return min(
        (one for place, one in enumerate(ordered) if not done >> place & 1), key=lambda operation: operation.answered_us
    )


def _next(ordered: Sequence[Operation], done: int, state: State, deadline: int) -> Iterator[Moment]:
    """What can come next: whatever was asked before the first answer that is still to come."""
    for place, one in enumerate(ordered):
        if one.asked_us > deadline:
            return
        if done >> place & 1:
            continue
        try:
            follows = after(state, one)
        except Impossible:
            continue
        if one.told is not Told.UNKNOWN or follows != state:  # Else it may as well never be done.
            yield done | 1 << place, follows


def after(state: State, operation: Operation) -> State:
    """The state after an operation that came to what was told. Raises Impossible."""
    match operation.kind:
        case Kind.LOOK:
            fits, follows = operation.value == state, state
        case Kind.CREATE:
            fits, follows = state is None, PLAIN
        case Kind.CHECK:
            fits, follows = state is None, state
        case Kind.DELETE:
            fits, follows = state is not None, None
        case Kind.SET:
            fits, follows = state is not None, operation.value
    if operation.told is not Told.UNKNOWN and fits is not (operation.told is Told.DONE):
        raise Impossible
    return follows if fits else state
