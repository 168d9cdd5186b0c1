"""What is shown of a run, and how: the columns of each measure, tables on stderr, and the page of docs/BENCHMARKS.md.

Both are made of the same text cells, so that the page cannot say anything else than the screen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bench.results import BASELINE, Results, Row


@dataclass(frozen=True, slots=True)
class Column:
    """A value of a row: its key, the heading, how it is written, and whether its ratio to Kafka stands beside it."""

    key: str
    heading: str
    style: str = ",.0f"
    compared: bool = False


_SERVER_CPU = Column("cpu_s_per_gb", "broker CPU s/GB", ",.2f", compared=True)
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
    "groups": [
        Column("stable_s", "stable s", ",.2f", compared=True),
        Column("stable_cpu_s", "its broker CPU s", ",.2f", compared=True),
        Column("stable_stall_ms", "its stall ms", ",.1f"),
        Column("left_s", "left s", ",.2f", compared=True),
        Column("back_s", "back s", ",.2f", compared=True),
        Column("change_stall_ms", "their stall ms", ",.1f"),
        Column("machine_ms", "machine ms", ",.1f"),
        Column("heartbeats_per_s", "heartbeats/s", compared=True),
        Column("heartbeat_cpu_us", "µs of broker CPU", ",.0f", compared=True),
        *_LATENCY[:2],
        Column("resident_mb", "MB", compared=True),
        Column("member_kb", "KB a member", ",.0f"),
        _OTHERS,
    ],
    "quotas": [
        Column("times_quota", "times the quota", ".3f"),
        Column("mb_per_s", "MB/s", ",.2f"),
        Column("throttle_ms", "longest wait told, ms"),
        Column("alone_p50_us", "another alone: p50 µs"),
        Column("alone_p99_us", "p99 µs"),
        Column("p50_us", "beside it: p50 µs", compared=True),
        Column("p99_us", "p99 µs", compared=True),
    ],
    "partitions": [
        Column("create_1_per_s", "created/s, 1 topic a request", compared=True),
        Column("create_50_per_s", "50 topics", compared=True),
        Column("write_per_s", "first messages/s", compared=True),
        Column("idle_bytes", "bytes of an idle one", compared=True),
        Column("open_files", "open files"),
        Column("all_ms", "Metadata of all ms", ",.1f", compared=True),
        Column("one_ms", "of one topic ms", ",.2f", compared=True),
        Column("describe_ms", "2,000 described ms", ",.1f", compared=True),
        Column("stop_s", "stop s", ",.1f", compared=True),
        Column("clean_start_s", "start s", ",.1f", compared=True),
        Column("killed_start_s", "after kill -9 s", ",.1f", compared=True),
    ],
    "commits": [
        Column("messages_per_s", "commits/s", compared=True),
        Column("commit_cpu_us", "µs of broker CPU", ",.0f", compared=True),
        *_LATENCY,
        _PROBE,
        _OTHERS,
    ],
    "idempotent": [
        Column("plain_per_s", "plain messages/s", compared=True),
        Column("messages_per_s", "idempotent messages/s", compared=True),
        Column("times", "times plain", ".3f"),
        Column("plain_cpu_s_per_gb", "plain broker CPU s/GB", ",.2f"),
        Column("cpu_s_per_gb", "idempotent", ",.2f", compared=True),
        _PROBE,
        _OTHERS,
    ],
    "transactions": [
        Column("messages_per_s", "transactions/s", compared=True),
        Column("transaction_cpu_us", "µs of broker CPU", ",.0f", compared=True),
        *_LATENCY,
        _PROBE,
        _OTHERS,
    ],
    "pipeline": [
        Column("messages_per_s", "messages/s", compared=True),
        Column("transaction_cpu_us", "µs of broker CPU", ",.0f", compared=True),
        *_LATENCY,
        _PROBE,
        _OTHERS,
    ],
    "startup": [Column("first_ack_ms", "first ack ms", compared=True), Column("server_cpu_s", "broker CPU s", ".2f")],
    "memory": _MEMORY,
    "embedded": [
        Column("records_per_s", "records/s"),
        Column("mb_per_s", "MB/s", ",.1f"),
        Column("calls_per_s", "calls/s"),
        Column("us", "µs", ",.1f"),
        Column("index_us", "by index µs", ",.1f"),
        Column("scan_us", "by scan µs"),
        Column("times", "times"),
        Column("percent", "index % of store", ".2f"),
    ],
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """The table of one measure as text: words to the left, figures to the right, rows in groups to be compared."""

    measure: str
    words: list[str]
    figures: list[str]
    groups: list[list[list[str]]]

    @property
    def caption(self) -> str:
        """What the brackets mean, when there are any."""
        compared = any(cell.endswith("x)") for group in self.groups for row in group for cell in row)
        return f"in brackets: ratio to {BASELINE} under the same flush policy" if compared else ""


def _figure(row: Row, ratios: Mapping[str, float], column: Column) -> str:
    if column.key not in row.values:
        return ""
    text = format(row.values[column.key], column.style)
    return f"{text} ({ratios[column.key]:.2f}x)" if column.compared and column.key in ratios else text


def sheet(results: Results, measure: str) -> Sheet:
    """Rows in the order in which their cells were taken, servers of one cell beside each other."""
    rows = [row for row in results.rows if row.measure == measure]
    columns = [column for column in COLUMNS[measure] if any(column.key in row.values for row in rows)]
    settings = list(rows[0].setting)
    groups: dict[tuple[object, ...], list[list[str]]] = {row.cell: [] for row in rows}
    for row in rows:
        ratios = results.ratios(row)
        words = [row.subject, row.policy, *(str(row.setting[key]) for key in settings)]
        groups[row.cell].append(words + [_figure(row, ratios, column) for column in columns])
    headings = [column.heading for column in columns]
    return Sheet(measure, ["server", "flush policy", *settings], headings, list(groups.values()))


def print_facts(console: Console, facts: Mapping[str, str]) -> None:
    """The machine and the versions."""
    grid = Table.grid(padding=(0, 2))
    for name, value in facts.items():
        grid.add_row(f"[bold]{name}[/bold]", escape(value))
    console.print(grid)


def print_measure(console: Console, results: Results, measure: str) -> None:
    """The table of one measure, if there is anything in it."""
    if not any(row.measure == measure for row in results.rows):
        return
    shown = sheet(results, measure)
    made = Table(title=measure, title_justify="left", caption=shown.caption or None)
    for heading in shown.words:
        made.add_column(heading)
    for heading in shown.figures:
        made.add_column(heading, justify="right")
    for group in shown.groups:
        for row in group:
            made.add_row(*row)
        if shown.caption:
            made.add_section()
    console.print()
    console.print(made)


def print_missing(console: Console, results: Results) -> None:
    """What was not there, and what failed."""
    for name, reason in results.missing.items():
        console.print(f"[yellow]not measured[/yellow] {name}: {escape(reason)}", highlight=False)
    for failure in results.failures:
        console.print(f"[red]failed[/red] {escape(failure)}", highlight=False)


def markdown_table(shown: Sheet) -> Iterator[str]:
    """The lines of one table, and what its brackets mean."""
    yield "| " + " | ".join(shown.words + shown.figures) + " |"
    yield "|" + "---|" * len(shown.words) + "---:|" * len(shown.figures)
    for group in shown.groups:
        for row in group:
            yield "| " + " | ".join(row) + " |"
    if shown.caption:
        yield from ("", f"({shown.caption})")


def markdown(facts: Mapping[str, str], results: Results) -> Iterator[str]:
    """The lines of the same report as a page."""
    yield from ("| measured on | |", "|---|---|")
    for name, value in facts.items():
        yield f"| {name} | {value} |"
    for measure in dict.fromkeys(row.measure for row in results.rows):
        yield from ("", f"## {measure}", "")
        yield from markdown_table(sheet(results, measure))
    troubles = [f"{name}: {reason}" for name, reason in results.missing.items()] + results.failures
    if troubles:
        yield from ("", "## Not measured", "")
        yield from (f"- {trouble}" for trouble in troubles)
