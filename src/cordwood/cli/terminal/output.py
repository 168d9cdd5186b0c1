"""The answers of commands: tables for people, JSON, JSON lines and YAML for machines, all on standard output.

    rows ──> show_rows ──┬── table   aligned columns; with colours where stdout is a terminal
                         ├── json    one document: an array of objects
                         ├── jsonl   an object a line
                         └── yaml    one document
    value ─> show        the same for one object; people get the tables and fields that are made of it

Lives here: the four forms, and how a value is written in a cell. Must not live here: which fields a command has.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

import click

from cordwood.cli.terminal.lines import say_lines

if TYPE_CHECKING:
    from rich.console import Console

Row: TypeAlias = Mapping[str, Any]

NOTHING: Final = "-"
"""How a cell without a value is written."""

GAP: Final = "  "


class Output(StrEnum):
    """How answers are written."""

    TABLE = "table"
    JSON = "json"
    JSONL = "jsonl"
    YAML = "yaml"


output_option: Final = click.option(
    "-o",
    "--output",
    "output",
    type=click.Choice([form.value for form in Output]),
    default=Output.TABLE.value,
    show_default=True,
    callback=lambda _context, _parameter, value: Output(value),
    help="A table for people; one document, or an object a line, for programs.",
)


class Column(NamedTuple):
    """A column of a table: its heading, the field of a row (or what is made of a row), and a style for terminals."""

    title: str
    value: str | Callable[[Row], Any]
    style: Callable[[Any], str | None] | None = None

    def of(self, row: Row) -> Any:  # noqa: ANN401 - whatever a row holds
        """The value of this column in a row."""
        return row.get(self.value) if isinstance(self.value, str) else self.value(row)


class Table(NamedTuple):
    """Rows for people. A table without rows is not shown, nor its title."""

    rows: Sequence[Row]
    columns: Sequence[Column]
    title: str | None = None


class Fields(NamedTuple):
    """Names and values for people, one a line."""

    values: Mapping[str, Any]


Section: TypeAlias = "Table | Fields"


def show_rows(output: Output, rows: Iterable[Row], columns: Sequence[Column]) -> None:
    """Writes rows of one kind."""
    if output is Output.TABLE:
        _show_sections([Table(list(rows), columns)])
    else:
        _show_values(output, list(rows))


def show(output: Output, value: Row | Sequence[Row], sections: Callable[[], Iterable[Section]]) -> None:
    """Writes one value, or several, of which people get to see the sections."""
    if output is Output.TABLE:
        _show_sections(sections())
    else:
        _show_values(output, value)


def cell_text(value: Any) -> str:  # noqa: ANN401 - whatever a row holds
    """A value as people read it."""
    match value:
        case None:
            return NOTHING
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:.3f}".rstrip("0").rstrip(".")
        case list() | tuple():
            return ",".join(map(cell_text, value)) or NOTHING
        case _:
            return str(value)


def table_lines(table: Table) -> Iterator[str]:
    """A table as aligned columns of plain text: numbers to the right, everything else to the left."""
    values = [[column.of(row) for column in table.columns] for row in table.rows]
    if table.title is not None:
        yield table.title
    cells = [[column.title for column in table.columns], *([cell_text(value) for value in row] for row in values)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    are_numbers = [_is_numeric(row[place] for row in values) for place in range(len(table.columns))]
    for line in cells:
        aligned = (
            cell.rjust(width) if is_number else cell.ljust(width)
            for cell, width, is_number in zip(line, widths, are_numbers, strict=True)
        )
        yield GAP.join(aligned).rstrip()


def field_lines(fields: Fields) -> Iterator[str]:
    """Names and values as plain text."""
    width = max((len(name) for name in fields.values), default=0) + 1
    for name, value in fields.values.items():
        yield f"{name + ':':<{width}} {cell_text(value)}"


def _is_numeric(values: Iterable[Any]) -> bool:
    found = [value for value in values if value is not None]
    return bool(found) and all(isinstance(value, int | float) and not isinstance(value, bool) for value in found)


def _show_values(output: Output, value: Any) -> None:  # noqa: ANN401 - whatever msgspec encodes
    """For programs. Tables do without msgspec, and are there the sooner."""
    import msgspec

    match output:
        case Output.JSONL:
            values = value if isinstance(value, list | tuple) else [value]
            say_lines(msgspec.json.encode(one).decode() for one in values)
        case Output.JSON:
            click.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())
        case _:
            click.echo(msgspec.yaml.encode(value).decode(), nl=False)


def _show_sections(sections: Iterable[Section]) -> None:
    shown = [section for section in sections if isinstance(section, Fields) or section.rows or section.title is None]
    if sys.stdout.isatty():
        _draw(shown)
    else:
        say_lines(_plain_lines(shown))


def _plain_lines(sections: Sequence[Section]) -> Iterator[str]:
    for place, section in enumerate(sections):
        if place:
            yield ""
        yield from table_lines(section) if isinstance(section, Table) else field_lines(section)


def _draw(sections: Sequence[Section]) -> None:
    """The same with colours, as wide as the terminal is."""
    from rich.console import Console

    console = Console(highlight=False)
    for place, section in enumerate(sections):
        if place:
            console.print()
        if isinstance(section, Table):
            _draw_table(console, section)
        else:
            _draw_fields(console, section)


def _draw_table(console: Console, table: Table) -> None:
    from rich.table import Table as Drawn
    from rich.text import Text

    if table.title is not None:
        console.print(Text(table.title, "bold"))
    drawn = Drawn(box=None, pad_edge=False, padding=(0, len(GAP), 0, 0), header_style="bold")
    for column in table.columns:
        is_number = _is_numeric(column.of(row) for row in table.rows)
        drawn.add_column(Text(column.title), justify="right" if is_number else "left", overflow="fold")
    for row in table.rows:
        drawn.add_row(*(Text(cell_text(column.of(row)), _style(column, row)) for column in table.columns))
    console.print(drawn)


def _style(column: Column, row: Row) -> str:
    style = column.style(column.of(row)) if column.style is not None else None
    return style or ""


def _draw_fields(console: Console, fields: Fields) -> None:
    from rich.text import Text

    for line in field_lines(fields):
        name, colon, value = line.partition(":")
        console.print(Text.assemble((name + colon, "bold"), value))
