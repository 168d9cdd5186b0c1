"""Faults of the simulated disk: calls that fail, and the operation at which the machine stops.

      operations   0        1        2          3        ...      only what changes files is counted
                   open     write    datasync   rename
                     ^        ^ ^
                  step 0    step 1, and step 1 in the middle of its bytes

Lives here: the count, the plan and the watch. Must not live here: what a crash leaves behind (`sim.content`, `sim.names`).
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Operation(StrEnum):
    """What can fail on a disk. Reading changes nothing, so it is not counted."""

    CREATE = "create"
    WRITE = "write"
    TRUNCATE = "truncate"
    DATASYNC = "datasync"
    RENAME = "rename"
    UNLINK = "unlink"
    MAKE_DIRECTORY = "mkdir"
    REMOVE_DIRECTORY = "rmdir"
    SYNC_DIRECTORY = "fsync"
    OPEN = "open"
    READ = "read"
    CUT_BACK = "cut back"  # Of a failed write's bytes: env.disk, rule 1.


UNCOUNTED = frozenset({Operation.OPEN, Operation.READ, Operation.CUT_BACK})


class Crashed(BaseException):
    """The simulated machine stopped here. No `except Exception` may go on as if it had not."""


class Step(NamedTuple):
    """A moment at which the machine can stop: before an operation, or in the middle of a write's bytes."""

    number: int
    operation: Operation
    path: str
    in_the_middle: bool = False

    def __str__(self) -> str:
        return f"operation {self.number}{' (half done)' if self.in_the_middle else ''}: {self.operation} {self.path}"


@dataclass(slots=True)
class Fault:
    """Makes calls fail: after `skip` matching ones the next `times`, those on paths that end with `suffix`.

    Without an operation every counted one matches.
    """

    operation: Operation | None
    number: int = errno.EIO
    skip: int = 0
    times: int = 1
    suffix: str = ""

    def hits(self, operation: Operation, path: str) -> bool:
        """Whether this call fails; counts it."""
        matches = operation not in UNCOUNTED if self.operation is None else operation is self.operation
        if not matches or not path.endswith(self.suffix) or not self.times:
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.times -= 1
        return True


class Faults:
    """What goes wrong, and when."""

    def __init__(self) -> None:
        self.operations = 0
        """How many operations were begun."""
        self.watch: Callable[[Step], None] | None = None
        """Called at each step; it may fork the disk, or raise Crashed."""
        self.has_crashed = False
        self._planned: list[Fault] = []
        self._crash_at: tuple[int, bool] | None = None

    def fail(self, fault: Fault) -> None:
        """Adds a fault to the plan."""
        self._planned.append(fault)

    def crash_at(self, number: int, *, in_the_middle: bool = False) -> None:
        """Stops the machine before operation `number` (the first one is 0), or in the middle of its bytes."""
        self._crash_at = number, in_the_middle

    def check(self) -> None:
        """Raises Crashed when the machine has stopped: nothing is read or written any more."""
        if self.has_crashed:
            raise Crashed("the simulated machine has stopped; use what crash() or kill() returned")

    def begin(self, operation: Operation, path: str) -> OSError | None:
        """An operation begins. Returns the error that it must fail with, if any. Raises Crashed."""
        self.check()
        if operation not in UNCOUNTED:
            self._reach(Step(self.operations, operation, path))
            self.operations += 1
        for fault in self._planned:
            if fault.hits(operation, path):
                return OSError(fault.number, os.strerror(fault.number))
        return None

    def halfway(self, path: str) -> None:
        """The write that was begun last has half of its bytes in the file. Raises Crashed."""
        self._reach(Step(self.operations - 1, Operation.WRITE, path, in_the_middle=True))

    def _reach(self, step: Step) -> None:
        if (step.number, step.in_the_middle) == self._crash_at:
            self.has_crashed = True
            raise Crashed(str(step))
        if self.watch is not None:
            self.watch(step)
