"""Where the answers of `cordwood log` and its kin go: standard output, as text, as one JSON document or as a JSON value on each line.

Lives here: the three forms, and the progress bar on standard error. Must not live here: the words (log_text.py).
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

import click
import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

PROGRESS_BYTES: Final = 1 << 20
"""How often the bar moves."""


WRITE_CHARACTERS: Final = 1 << 16
"""How much text is written at once."""


class Form(StrEnum):
    """How answers are written."""

    TEXT = "text"
    JSON = "json"
    JSONL = "jsonl"


form_option: Final = click.option(
    "-o",
    "--output",
    "form",
    type=click.Choice([form.value for form in Form]),
    default=Form.TEXT.value,
    callback=lambda _context, _parameter, value: Form(value),
    help="For people, or for programs: one document, or a value on each line.",
)


def say_lines(lines: Iterable[str]) -> None:
    """Writes lines of text, many at a time: `click.echo` flushes, which costs more than most lines do."""
    pending: list[str] = []
    size = 0
    try:
        for line in lines:
            pending.append(line)
            size += len(line)
            if size >= WRITE_CHARACTERS:
                click.echo("\n".join(pending))
                pending, size = [], 0
    finally:
        if pending:  # What was found before an error is told before it.
            click.echo("\n".join(pending))


def say_json(value: Any) -> None:  # noqa: ANN401 - whatever msgspec encodes
    """Writes one JSON value on a line."""
    click.echo(msgspec.json.encode(value).decode())


def say_encoded(lines: Iterable[bytes]) -> None:
    """Writes lines that are JSON already."""
    say_lines(line.decode() for line in lines)


def say_array(values: Iterable[bytes]) -> None:
    """Writes encoded values as one JSON array, an element on each line, while they come."""
    say_lines(_array(values))


def _array(values: Iterable[bytes]) -> Iterator[str]:
    before: str | None = None
    for value in values:
        yield "[" if before is None else before + ","
        before = "  " + value.decode()
    yield from ("[]",) if before is None else (before, "]")


@contextmanager
def progress(what: str, total_bytes: int, *, is_wanted: bool = True) -> Iterator[Callable[[int], None]]:
    """A function that takes the bytes done since the last call, and shows them to whoever sits at a terminal."""
    if not (is_wanted and sys.stderr.isatty()):
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total_bytes)
        pending = 0

        def advance(size_bytes: int) -> None:
            nonlocal pending
            pending += size_bytes
            if pending >= PROGRESS_BYTES:
                bar.advance(task, pending)
                pending = 0

        yield advance
