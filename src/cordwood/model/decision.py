"""What a core's decision comes to: records, answers, timers.

Lives here: that triple and the base of all records. Must not live here: any decision, and what carries one out.

The shell takes a result in this order: the stored records are written, every record is replayed (which is the only way
that state changes), timers are set, and each answer leaves when all that was written up to then is durable. A request
that has to wait gets no answer from its own decision; a later one answers its ticket.
"""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple, NewType, TypeAlias

import msgspec

Ticket = NewType("Ticket", int)
"""Names a request that is owed an answer; numbers are never used twice in one process."""

NO_TICKET = Ticket(0)
"""The turn of a timer: nobody is owed an answer."""


class Record(msgspec.Struct, frozen=True):
    """One change of what a core keeps; the subclasses say which."""

    stored: ClassVar[bool] = True
    """Whether the record is written to the log. A transient one (a member that waits for others, say) is replayed and
    forgotten: after a restart the group is what its stored records say."""


class Answer(NamedTuple):
    """What a request is told: a reply of the kind that belongs to its command, or a CordwoodError."""

    ticket: Ticket
    value: Any


TimerKey: TypeAlias = tuple[str, ...]
"""Names a timer within a shard: what it is for, then whose it is."""


class Timer(NamedTuple):
    """Sets a timer, in place of the one that the key had; `delay_ms` None takes it away."""

    key: TimerKey
    delay_ms: int | None


class Result(NamedTuple):
    """What a decision comes to. Decisions return new ones; several are added up with `merged`."""

    records: tuple[Record, ...] = ()
    answers: tuple[Answer, ...] = ()
    timers: tuple[Timer, ...] = ()


NOTHING = Result()
"""A decision that changes nothing and answers nobody yet."""


def answered(ticket: Ticket, value: object, *records: Record) -> Result:
    """A result that answers one request, after writing `records`."""
    return Result(records, (Answer(ticket, value),))


def merged(*results: Result) -> Result:
    """All of them, in their order."""
    return Result(
        tuple(record for result in results for record in result.records),
        tuple(answer for result in results for answer in result.answers),
        tuple(timer for result in results for timer in result.timers),
    )
