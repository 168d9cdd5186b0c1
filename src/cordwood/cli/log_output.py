"""Where the answers of `cordwood log` go: standard output, as text, as one JSON document or as a JSON value on each line.

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


class Form(StrEnum):
    """How answers are written."""

    TEXT = "text"
    JSON = "json"
    JSONL = "jsonl"


def say_lines(lines: Iterable[str]) -> None:
    """Writes lines of text."""
    for line in lines:
        click.echo(line)


def say_json(value: Any) -> None:  # noqa: ANN401 - whatever msgspec encodes
    """Writes one JSON value on a line."""
    say_encoded(msgspec.json.encode(value))


def say_encoded(line: bytes) -> None:
    """Writes a line that is JSON already."""
    click.echo(line.decode())


def say_array(values: Iterable[bytes]) -> None:
    """Writes encoded values as one JSON array, an element on each line, while they come."""
    before = "["
    for value in values:
        click.echo(f"{before}\n  {value.decode()}", nl=False)
        before = ","
    click.echo("[]" if before == "[" else "\n]")


@contextmanager
def progress(what: str, total_bytes: int) -> Iterator[Callable[[int], None]]:
    """A function that takes the bytes done since the last call, and shows them to whoever sits at a terminal."""
    if not sys.stderr.isatty():
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
