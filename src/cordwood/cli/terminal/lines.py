"""Answers that are written while they come: lines of text, one document in pieces, or a JSON value on each line.

Lives here: those forms, for commands whose answers are long and no table. Must not live here: tables (`output`).
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

WRITE_CHARACTERS: Final = 1 << 16
"""How much text is written at once."""


class Form(StrEnum):
    """How answers are written."""

    TEXT = "text"
    JSON = "json"
    JSONL = "jsonl"
    YAML = "yaml"

    @property
    def is_document(self) -> bool:
        """Whether all of the answer is one value."""
        return self in {Form.JSON, Form.YAML}


TABLE: Final = "table"
"""What other commands call that which people read."""

form_option: Final = click.option(
    "-o",
    "--output",
    "form",
    type=click.Choice([*(form.value for form in Form), TABLE]),
    default=Form.TEXT.value,
    show_default=True,
    callback=lambda _context, _parameter, value: Form.TEXT if value == TABLE else Form(value),
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
    import msgspec

    click.echo(msgspec.json.encode(value).decode())


def say_encoded(lines: Iterable[bytes]) -> None:
    """Writes lines that are JSON already."""
    say_lines(line.decode() for line in lines)


def say_document(form: Form, value: Any) -> None:  # noqa: ANN401 - whatever msgspec encodes
    """Writes one value as the document that is wanted."""
    if form is not Form.YAML:
        say_json(value)
        return
    import msgspec

    click.echo(msgspec.yaml.encode(value), nl=False)


def say_elements(form: Form, values: Iterable[bytes]) -> None:
    """Writes values that are JSON already as the elements of one document, while they come."""
    say_lines(_items(values) if form is Form.YAML else _array(values))


def _items(values: Iterable[bytes]) -> Iterator[str]:
    import msgspec

    is_empty = True
    for value in values:
        is_empty = False
        yield msgspec.yaml.encode([msgspec.json.decode(value)]).decode().rstrip("\n")
    if is_empty:
        yield "[]"


def _array(values: Iterable[bytes]) -> Iterator[str]:
    before: str | None = None
    for value in values:
        yield "[" if before is None else before + ","
        before = "  " + value.decode()
    yield from ("[]",) if before is None else (before, "]")
