"""How commands end: their exit codes, and what people are told of errors.

Lives here: the codes that all commands share, one line for an error, and the sum of several outcomes. Must not live here:
what errors of Kafka mean (`client.errors`).

| code | name      | when                                                                      |
|------|-----------|---------------------------------------------------------------------------|
| 0    | OK        | all is done                                                               |
| 1    | ERROR     | it failed for another reason than these; damage was found                 |
| 2    | USAGE     | wrong options or settings: nothing was tried                              |
| 3    | NOT_FOUND | there is no such topic, partition, group, broker, file                    |
| 4    | AUTH      | SASL, TLS or the rights of the user                                       |
| 5    | CONNECT   | nobody answers in time                                                    |
| 6    | PARTIAL   | some of several were done, others failed                                  |
| 10   | UNHEALTHY | the answer is there, and it is that something is wrong                    |
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from enum import IntEnum
from typing import TYPE_CHECKING

import click

from cordwood.model.errors import CordwoodError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import NoReturn


class Exit(IntEnum):
    """What the exit code of a command tells."""

    OK = 0
    ERROR = 1
    USAGE = 2
    NOT_FOUND = 3
    AUTH = 4
    CONNECT = 5
    PARTIAL = 6
    UNHEALTHY = 10


def note(message: str) -> None:
    """A line on standard error that is neither data nor trouble."""
    click.echo(message, err=True)


def warn(message: str) -> None:
    """A warning on standard error."""
    click.echo(f"warning: {message}", err=True)


def tell_error(message: str) -> None:
    """An error on standard error, in one line; the command goes on."""
    click.echo(f"error: {' '.join(message.split())}", err=True)


def fail(message: str, code: Exit) -> NoReturn:
    """Ends the program with an error on standard error."""
    tell_error(message)
    sys.exit(code)


@contextmanager
def errors_told() -> Iterator[None]:
    """Whatever Cordwood raises becomes a line on standard error, and exit code 1."""
    try:
        yield
    except CordwoodError as error:
        fail(str(error), Exit.ERROR)


class Outcomes:
    """What became of several things that are tried one after the other: each failure is told at once.

    The exit code is that of the failures if nothing was done and they agree, ERROR if they do not, PARTIAL if something
    was done all the same.
    """

    def __init__(self) -> None:
        self._done = 0
        self._failures: list[Exit] = []

    def done(self) -> None:
        """One more is done."""
        self._done += 1

    def failed(self, message: str, code: Exit) -> None:
        """One more has failed."""
        tell_error(message)
        self._failures.append(code)

    @property
    def code(self) -> Exit:
        """How the command ends."""
        if not self._failures:
            return Exit.OK
        if self._done:
            return Exit.PARTIAL
        return self._failures[0] if len(set(self._failures)) == 1 else Exit.ERROR

    def end(self) -> None:
        """Ends the program, unless all is done."""
        if self.code is not Exit.OK:
            sys.exit(self.code)
