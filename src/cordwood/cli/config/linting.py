"""`cordwood config lint`.

Lives here: its options, fields and columns, and which findings are an error. Must not live here: what there is to find
(cordwood.node.linting).
"""

from __future__ import annotations

import sys
from collections import Counter
from typing import Any, Final

import click

from cordwood.cli.terminal.exits import Exit, Outcomes, note
from cordwood.cli.terminal.output import Column, Output, output_option, show_rows
from cordwood.node.linting import Finding, Severity, lint

STANDARD_INPUT: Final = "-"

STYLES: Final = {"error": "red", "warning": "yellow"}


def _place(row: Any) -> str:  # noqa: ANN401 - a row
    return row["path"] if row["line"] is None else f"{row['path']}:{row['line']}"


def _words(row: Any) -> str:  # noqa: ANN401 - a row
    return f"{row['message']} ({row['suggestion']})" if row["suggestion"] else str(row["message"])


COLUMNS: Final = (
    Column("PLACE", _place),
    Column("SEVERITY", "severity", STYLES.get),
    Column("FINDING", _words),
)


@click.command("lint")
@click.argument("paths", metavar="FILE...", nargs=-1, required=True)
@click.option("--strict", "is_strict", is_flag=True, help="Warnings fail, too.")
@output_option
def lint_command(paths: tuple[str, ...], is_strict: bool, output: Output) -> None:
    """Say what is wrong with configuration files: TOML, or properties as Kafka's server.properties; - is standard input.

    A file without errors is one that a broker starts with. Exit codes: 0 no errors, 1 errors (or warnings with --strict),
    3 there is no such file.
    """
    outcomes = Outcomes()
    rows: list[dict[str, Any]] = []
    for path in dict.fromkeys(paths):
        text = _text(path, outcomes)
        if text is not None:
            rows += [_row(path, finding) for finding in lint(path, text)]
            outcomes.done()
    if rows or output is not Output.TABLE:
        show_rows(output, rows, COLUMNS)
    counts = Counter(row["severity"] for row in rows)
    note(_summary(counts))
    if counts[Severity.ERROR] or (is_strict and counts[Severity.WARNING]):
        sys.exit(Exit.ERROR)
    outcomes.end()


def _text(path: str, outcomes: Outcomes) -> str | None:
    """What is in a file; None where it cannot be read, which is told."""
    try:
        if path == STANDARD_INPUT:
            return sys.stdin.read()
        with open(path, encoding="utf-8", newline="") as file:
            return file.read()
    except FileNotFoundError:
        outcomes.failed(f"there is no {path}", Exit.NOT_FOUND)
    except OSError as error:
        outcomes.failed(f"{path} cannot be read: {error.strerror}", Exit.ERROR)
    except UnicodeDecodeError as error:
        outcomes.failed(f"{path} is not UTF-8: {error.reason} at byte {error.start}", Exit.ERROR)
    return None


def _row(path: str, finding: Finding) -> dict[str, Any]:
    return {
        "path": path,
        "line": finding.place.line if finding.place else None,
        "severity": finding.severity.value,
        "name": finding.name or None,
        "message": finding.message,
        "suggestion": finding.suggestion or None,
    }


def _summary(counts: Counter[str]) -> str:
    told = [_counted(counts[severity], severity) for severity in Severity if counts[severity]]
    return ", ".join(told) or "nothing to say"


def _counted(count: int, severity: Severity) -> str:
    return f"{count} {severity}" if count == 1 else f"{count} {severity}s"
