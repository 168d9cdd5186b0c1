"""How commands that look at files end: their exit codes, and what people are told of errors.

Lives here: the codes that all such commands share. Must not live here: what each of them does.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import click

from cordwood.model.errors import CordwoodError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import NoReturn

DAMAGE: Final = 1
USAGE: Final = 2
NOT_FOUND: Final = 3


def fail(message: str, code: int) -> NoReturn:
    """Ends the program with a line on standard error."""
    click.echo(f"error: {message}", err=True)
    sys.exit(code)


@contextmanager
def errors_told() -> Iterator[None]:
    """Whatever Cordwood raises becomes a line on standard error, and exit code 1."""
    try:
        yield
    except CordwoodError as error:
        fail(str(error), DAMAGE)


def plain(path: str) -> str:
    """A path without the slash that shells add to directories."""
    return path.rstrip("/") or "/"
