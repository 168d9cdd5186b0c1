"""A table of states and events: what a thing that is in one state makes of an event, and the diagram of all of it.

Lives here: the table as a value. Must not live here: any states (see `groups.classic.transitions`, `txns.transitions`). An
event that a state does not list cannot happen in it; when it does, that is a mistake of ours.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Generic, TypeVar

S = TypeVar("S", bound=Enum)
E = TypeVar("E", bound=Enum)


class StateTable(Mapping[S, Mapping[E, S]], Generic[S, E]):
    """For each state the events that can happen in it and where they lead. Values of both enumerations are for people."""

    def __init__(self, what: str, begin: S, end: S, rows: Mapping[S, Mapping[E, S]]) -> None:
        """`what` names the thing in errors; it begins in one state and is gone after another."""
        self._what = what
        self._begin = begin
        self._end = end
        self._rows = rows

    def __getitem__(self, state: S) -> Mapping[E, S]:
        return self._rows[state]

    def __iter__(self) -> Iterator[S]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def after(self, state: S, event: E) -> S:
        """Where the event leads. Raises AssertionError when it cannot happen in this state."""
        target = self._rows[state].get(event)
        if target is None:
            raise AssertionError(f"{self._what} that is {state.value} cannot see: {event.value}")
        return target

    def diagram(self) -> str:
        """The table in Mermaid's language: one arrow for each pair of states, with all events that lead along it."""
        lines = ["stateDiagram-v2", f"    [*] --> {self._begin.value}"]
        for state, row in self._rows.items():
            for target in type(self._begin):
                events = [event.value for event, leads_to in row.items() if leads_to is target]
                if events:
                    lines.append(f"    {state.value} --> {target.value}: {'<br/>'.join(events)}")
        lines.append(f"    {self._end.value} --> [*]")
        return "\n".join(lines) + "\n"
