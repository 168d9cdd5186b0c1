"""Tables for people, on stderr: one for each measure, the flush policy named on every line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from bench.results import BASELINE, Results, Row


@dataclass(frozen=True, slots=True)
class Column:
    """A value of a row: its key, the heading, how it is written, and whether its ratio to Kafka stands beside it."""

    key: str
    heading: str
    style: str = ",.0f"
    compared: bool = False


_SERVER_CPU = Column("cpu_s_per_gb", "broker CPU s/GB", ".2f", compared=True)
_OTHERS = Column("others_cpu_percent", "others' CPU %", ".0f")
_PROBE = Column("fdatasync_per_s", "probe fdatasync/s")
_RATE = Column("messages_per_s", "messages/s", compared=True)
_LATENCY = [
    Column("p50_us", "p50 µs", compared=True),
    Column("p99_us", "p99 µs", compared=True),
    Column("p999_us", "p999 µs"),
]
_MEMORY = [
    Column(f"{state}_{part}mb", f"{state} {words}MB", ".0f", compared=not part)
    for state in ("idle", "loaded")
    for part, words in (("", ""), ("anonymous_", "anonymous "), ("file_", "files "))
]

_THROUGHPUT = [_RATE, Column("mb_per_s", "MB/s", ",.1f"), _SERVER_CPU, _PROBE, _OTHERS]

COLUMNS: Mapping[str, Sequence[Column]] = {
    "produce": _THROUGHPUT,
    "consume": _THROUGHPUT,
    "clients": _THROUGHPUT,
    "sync": [_RATE, *_LATENCY, _PROBE, _OTHERS],
    "pipelined": [_RATE, _SERVER_CPU, _PROBE, _OTHERS],
    "startup": [Column("first_ack_ms", "first ack ms", compared=True), Column("server_cpu_s", "broker CPU s", ".2f")],
    "memory": _MEMORY,
    "embedded": [Column("records_per_s", "records/s"), Column("mb_per_s", "MB/s", ",.1f")],
}


def _cell_text(row: Row, ratios: Mapping[str, float], column: Column) -> str:
    if column.key not in row.values:
        return ""
    text = format(row.values[column.key], column.style)
    if column.compared and column.key in ratios:
        text += f" [dim]({ratios[column.key]:.2f}x)[/dim]"
    return text


def table(results: Results, measure: str) -> Table:
    """The table of one measure: cells in the order in which they were taken, servers beside each other."""
    rows = [row for row in results.rows if row.measure == measure]
    order = list(dict.fromkeys(row.cell for row in rows))
    rows.sort(key=lambda row: order.index(row.cell))
    columns = [column for column in COLUMNS[measure] if any(column.key in row.values for row in rows)]
    settings = list(rows[0].setting)
    made = Table(title=measure, title_justify="left", caption=f"in brackets: ratio to {BASELINE} under the same policy")
    for heading in ("server", "flush policy", *settings):
        made.add_column(heading)
    for column in columns:
        made.add_column(column.heading, justify="right")
    previous = None
    for row in rows:
        if previous is not None and row.cell != previous:
            made.add_section()
        previous = row.cell
        ratios = results.ratios(row)
        figures = [_cell_text(row, ratios, column) for column in columns]
        made.add_row(row.subject, row.policy, *(str(row.setting[key]) for key in settings), *figures)
    return made


def print_report(console: Console, facts: Mapping[str, str], results: Results) -> None:
    """The facts of the machine, a table for each measure, and what is missing."""
    grid = Table.grid(padding=(0, 2))
    for name, value in facts.items():
        grid.add_row(f"[bold]{name}[/bold]", value)
    console.print(grid)
    for measure in dict.fromkeys(row.measure for row in results.rows):
        console.print()
        console.print(table(results, measure))
    for name, reason in results.missing.items():
        console.print(f"[yellow]not measured[/yellow] {name}: {reason}", highlight=False)
    for failure in results.failures:
        console.print(f"[red]failed[/red] {failure}", highlight=False)
