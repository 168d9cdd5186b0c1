"""`cordwood raftlog`: looks at the chunks of a raft log.

Lives here: options, and which exit code an outcome has. Must not live here: words (text.py, raftlog.text), the
work (raftlog.dump, raftlog.verify).

Exit codes: 0 all is well, 1 damage or an error, 2 wrong usage, 3 there is no such raft log.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click
import msgspec

from cordwood.cli.raftlog.text import finding_value, report_text, report_value, row_value
from cordwood.cli.terminal.arguments import plain
from cordwood.cli.terminal.exits import Exit, errors_told, fail
from cordwood.cli.terminal.lines import Form, form_option, say_document, say_elements, say_encoded, say_json, say_lines
from cordwood.cli.terminal.progress import progress
from cordwood.env.disk import LocalDisk
from cordwood.model.errors import StorageFailed
from cordwood.raftlog.chunk import chunk_name, find_chunks
from cordwood.raftlog.codecs import PLAIN
from cordwood.raftlog.dump import DamageRow, dump_directory
from cordwood.raftlog.text import dump_text
from cordwood.raftlog.verify import verify_directory

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cordwood.env.disk import Disk
    from cordwood.raftlog.dump import Row
    from cordwood.raftlog.verify import Report


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def raftlog() -> None:
    """Look at the chunks of a raft log.

    Both commands take the lock of the directory, so no node may run on it. Exit codes: 0 all is well, 1 damage or an
    error, 2 wrong usage, 3 no such raft log.
    """


@raftlog.command()
@click.argument("directory")
@form_option
def dump(directory: str, form: Form) -> None:
    """Show every record of every chunk, up to the place where a chunk is damaged."""
    seen: list[DamageRow] = []
    with _owned(directory) as (disk, path):
        rows = _watched(dump_directory(disk, path, PLAIN), seen)
        match form:
            case Form.TEXT:
                say_lines(dump_text(PLAIN, rows))
            case Form.JSONL:
                say_encoded(msgspec.json.encode(row_value(row)) for row in rows)
            case Form.JSON | Form.YAML:
                say_elements(form, (msgspec.json.encode(row_value(row)) for row in rows))
    sys.exit(Exit.ERROR if any(not row.is_unfinished for row in seen) else 0)


def _watched(rows: Iterable[Row], damage: list[DamageRow]) -> Iterator[Row]:
    for row in rows:
        if isinstance(row, DamageRow):
            damage.append(row)
        yield row


@raftlog.command()
@click.argument("directory")
@form_option
def verify(directory: str, form: Form) -> None:
    """Check every byte of every chunk, and the chunks against each other.

    A write that was under way when the process died is not damage.
    """
    with _owned(directory) as (disk, path), progress("verifying", _total_bytes(disk, path)) as advance:
        report = verify_directory(disk, path, PLAIN, advance)
    _say_report(report, form)
    sys.exit(Exit.ERROR if report.damage else 0)


def _say_report(report: Report, form: Form) -> None:
    match form:
        case Form.TEXT:
            say_lines(report_text(PLAIN, report))
        case Form.JSON | Form.YAML:
            say_document(form, {**report_value(report), "findings": list(map(finding_value, report.findings))})
        case Form.JSONL:
            for finding in report.findings:
                say_json(finding_value(finding))
            say_json(report_value(report))


@contextmanager
def _owned(directory: str) -> Iterator[tuple[Disk, str]]:
    """The directory of a raft log, which nobody else has meanwhile; ends the program where there is none."""
    disk, path = LocalDisk(), plain(directory)
    if not disk.exists(path):
        fail(f"there is no {path}", Exit.NOT_FOUND)
    try:
        starts, _ = find_chunks(disk.list(path))
    except StorageFailed:
        fail(f"{path} is no directory, or cannot be read", Exit.USAGE)
    if not starts:
        fail(f"there is no raft log in {path}", Exit.NOT_FOUND)
    with errors_told():
        lock = disk.lock(path)
        try:
            yield disk, path
        finally:
            lock.release()


def _total_bytes(disk: Disk, path: str) -> int:
    if not sys.stderr.isatty():
        return 0
    starts, _ = find_chunks(disk.list(path))
    return sum(disk.open(f"{path}/{chunk_name(start)}").size() for start in starts)
