"""One decision's own view of a group: what the records that it has come to so far would make of it.

Lives here: the draft. Must not live here: decisions. A decision puts its records here one by one; each later step sees
what the earlier ones come to, by the very replay that will change the group. The group itself stays as it is: it is
copied before the first record, and a heartbeat that changes nothing copies nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cordwood.groups.consumer.group import ConsumerGroup
from cordwood.groups.consumer.replay import REPLAYS, Groups
from cordwood.model.decision import NO_TICKET, Answer, Record, Result, Ticket, Timer, TimerKey
from cordwood.model.group_errors import GroupNotFound


class Draft:
    """A group in the making, with the records, answers and timers of a result."""

    def __init__(self, groups: Mapping[str, Any], name: str) -> None:
        self.name = name
        self._groups: Groups = {name: groups[name]} if name in groups else {}
        self._original: object | None = groups.get(name)
        self._records: list[Record] = []
        self._answers: list[Answer] = []
        self._timers: list[Timer] = []

    @property
    def found(self) -> object | None:
        """The group of whatever kind, or None."""
        return self._groups.get(self.name)

    @property
    def group(self) -> ConsumerGroup:
        """The consumer group. Raises GroupNotFound when there is none."""
        group = self.found
        if not isinstance(group, ConsumerGroup):
            raise GroupNotFound(self.name)
        return group

    def put(self, *records: Record) -> None:
        """Adds records; the group is what they make of it."""
        for record in records:
            group = self.found
            if group is self._original and isinstance(group, ConsumerGroup):
                self._groups[self.name] = group.copy()
            REPLAYS[type(record)](self._groups, record)
            self._records.append(record)

    def begin(self) -> None:
        """Begins a consumer group, in the place of whatever had the name."""
        self._groups[self.name] = ConsumerGroup(self.name)
        self._original = None

    def take(self, result: Result) -> None:
        """Adds what another protocol makes of the group's name."""
        self._records += result.records
        self._answers += result.answers
        self._timers += result.timers

    def answer(self, ticket: Ticket, value: object) -> None:
        """Adds an answer; nobody waits for that of a timer's turn."""
        if ticket != NO_TICKET:
            self._answers.append(Answer(ticket, value))

    def set_timer(self, key: TimerKey, delay_ms: int | None) -> None:
        """Adds a timer, or with None the end of one."""
        self._timers.append(Timer(key, delay_ms))

    def result(self) -> Result:
        """All that the decision came to."""
        return Result(tuple(self._records), tuple(self._answers), tuple(self._timers))
