"""A group in the making: the sheet on which a decision is worked out.

Lives here: the draft, and the timers' keys. Must not live here: decisions. Whoever decides writes records to the draft,
which change it as replay will change the group, answers those who wait, and sets timers; `result` is all of it.
"""

from __future__ import annotations

from typing import Final

from cordwood.groups.classic.group import ClassicGroup
from cordwood.groups.classic.replay import apply
from cordwood.groups.record import Record
from cordwood.model.decision import NO_TICKET, Answer, Result, Ticket, Timer, TimerKey

SESSION: Final = "classic-session"
"""A member has to be heard of; with the member's id in the key."""
JOIN: Final = "classic-join"
"""Members have to join."""
SYNC: Final = "classic-sync"
"""Members have to sync."""


def session_key(group: str, member_id: str) -> TimerKey:
    """The timer of a member's session."""
    return (SESSION, group, member_id)


class Draft:
    """One group, and what was decided about it so far."""

    def __init__(self, group: ClassicGroup) -> None:
        self.group = group.fork()
        self._records: list[Record] = []
        self._answers: list[Answer] = []
        self._timers: list[Timer] = []

    def write(self, record: Record) -> None:
        """Adds a record; the draft is changed as it says."""
        apply(self.group, record)
        self._records.append(record)

    def answer(self, ticket: Ticket, value: object) -> None:
        """Answers a request, if there is one."""
        if ticket != NO_TICKET:
            self._answers.append(Answer(ticket, value))

    def set_timer(self, purpose: str, delay_ms: int | None) -> None:
        """Sets a timer of the group; None takes it away."""
        self._timers.append(Timer((purpose, self.group.group), delay_ms))

    def set_session(self, member_id: str, timeout_ms: int | None) -> None:
        """Sets the timer of a member's session; None takes it away."""
        self._timers.append(Timer(session_key(self.group.group, member_id), timeout_ms))

    def result(self) -> Result:
        """All that was decided."""
        return Result(tuple(self._records), tuple(self._answers), tuple(self._timers))
