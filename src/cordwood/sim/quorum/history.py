"""What clients asked of the topics of a cluster, and what they were told.

Lives here: operations and their outcomes, one topic at a time. Must not live here: whether the outcomes fit together
(`linearizable`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

NEVER: Final = 1 << 62
"""When something is answered that has no answer."""


class Kind(StrEnum):
    """What is asked of a topic."""

    CREATE = "create"
    DELETE = "delete"
    SET = "set"
    """Give it a value; it must be there."""
    CHECK = "check"
    """Could it be created?"""
    LOOK = "look"
    """Whether it is there, and its value."""


class Told(StrEnum):
    """What an operation came to."""

    DONE = "done"
    REFUSED = "refused"
    """The topic was there, or was not there, and so nothing was done."""
    UNKNOWN = "unknown"
    """No answer, or one that leaves it open: it may have been done, or be done later, or never."""


@dataclass(slots=True)
class Operation:
    """One request about one topic."""

    client: str
    kind: Kind
    topic: str
    value: str | None
    """What is set; what was seen by a look, None where nothing is there."""
    asked_us: int
    answered_us: int = NEVER
    told: Told = Told.UNKNOWN

    def __str__(self) -> str:
        what = f"{self.kind} {self.topic}" + (f"={self.value}" if self.kind in {Kind.SET, Kind.LOOK} else "")
        until = "" if self.answered_us == NEVER else f"{self.answered_us / 1_000_000:.3f}"
        return f"{self.client}: {what}: {self.told} ({self.asked_us / 1_000_000:.3f} to {until})"


@dataclass(slots=True)
class History:
    """Everything that was asked."""

    operations: list[Operation] = field(default_factory=list)

    def ask(self, operation: Operation) -> Operation:
        """An operation begins."""
        self.operations.append(operation)
        return operation

    def topics(self) -> list[str]:
        """The topics that were spoken of."""
        return sorted({operation.topic for operation in self.operations})

    def of(self, topic: str) -> list[Operation]:
        """What was asked of one topic."""
        return [operation for operation in self.operations if operation.topic == topic]
