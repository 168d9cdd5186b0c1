"""`cordwood log`: looks at the files of logs, and mends them.

Lives here: options, and which exit code an outcome has. Must not live here: words (text.py), the work (log.tools).

Exit codes: 0 all is well, 1 damage or an error, 2 wrong usage, 3 there is no such log or file.
"""

from __future__ import annotations

import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import click
import msgspec

from cordwood.cli.log.text import finding_text, plan_text, report_text, row_text, stats_text, step_text
from cordwood.cli.terminal.arguments import plain
from cordwood.cli.terminal.exits import Exit, errors_told, fail
from cordwood.cli.terminal.lines import Form, form_option, say_document, say_elements, say_encoded, say_json, say_lines
from cordwood.cli.terminal.progress import progress
from cordwood.env.clock import SystemClock
from cordwood.env.disk import LocalDisk
from cordwood.env.read_only_disk import ReadOnlyDisk
from cordwood.log.backend import FileKind
from cordwood.log.tools.dump import Selection
from cordwood.log.tools.dump import dump as dump_rows
from cordwood.log.tools.files import LogFiles, content_of, find_logs, is_data_directory, names_in
from cordwood.log.tools.mend import Repair, owner_of, repair_directory, repair_log
from cordwood.log.tools.rows import BatchRow, DamageRow, FileRow
from cordwood.log.tools.stats import LogStats, log_stats
from cordwood.log.tools.verify import Options, verify_directory, verify_log
from cordwood.model.errors import StorageFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cordwood.env.disk import Disk
    from cordwood.log.tools.findings import Finding, LogReport
    from cordwood.log.tools.rows import Row

_interval = click.option(
    "--index-interval-bytes",
    metavar="N",
    type=click.IntRange(1),
    help="The index.interval.bytes that the log was written with, if it is known: then an empty index can be judged.",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def log() -> None:
    """Look at the files of logs, and mend them.

    Looking needs no lock: it is done beside a broker that writes. Exit codes: 0 all is well, 1 damage or an error,
    2 wrong usage, 3 no such log or file.
    """


# dump


@log.command()
@click.argument("path")
@click.option("--records", is_flag=True, help="Also show the records in the batches.")
@click.option(
    "--start", metavar="OFFSET", type=click.IntRange(0), default=0, help="From the batch with this offset on."
)
@click.option("--end", metavar="OFFSET", type=click.IntRange(0), help="Up to the batches that begin here.")
@click.option("--count", metavar="N", type=click.IntRange(1), help="At most N batches, and N entries of each index.")
@form_option
def dump(path: str, records: bool, start: int, end: int | None, count: int | None, form: Form) -> None:
    """Show what is in a file, in all files of a log, or of all logs in a data directory."""
    disk, path = ReadOnlyDisk(), plain(path)
    _check_is_dumpable(disk, path)
    seen: list[DamageRow] = []
    # On a terminal the rows themselves show how far it is; of a part nobody knows how large it is.
    shows_bar = not sys.stdout.isatty() and (start, end, count) == (0, None, None)
    total_bytes = _dumped_bytes(disk, path) if shows_bar else 0
    with errors_told(), progress("dumping", total_bytes, is_wanted=shows_bar) as advance:
        rows = _watched(dump_rows(disk, path, Selection(records, start, end, count)), seen, advance)
        match form:
            case Form.TEXT:
                say_lines(map(row_text, rows))
            case Form.JSONL:
                say_encoded(_encoded(rows))
            case Form.JSON | Form.YAML:
                say_elements(form, _encoded(rows))
    sys.exit(Exit.ERROR if seen else 0)


def _check_is_dumpable(disk: Disk, path: str) -> None:
    if not disk.exists(path):
        fail(f"there is no {path}", Exit.NOT_FOUND)
    if names_in(disk, path) is not None:
        _find_logs(disk, path)
    elif content_of(path) is None:
        fail(f"{path} is no file of a log, by its name", Exit.USAGE)


def _dumped_bytes(disk: Disk, path: str) -> int:
    if names_in(disk, path) is not None:
        return _total_bytes(disk, find_logs(disk, path))
    return disk.open(path).size()


def _watched(rows: Iterator[Row], damage: list[DamageRow], advance: Callable[[int], None]) -> Iterator[Row]:
    for row in rows:
        if isinstance(row, DamageRow):
            damage.append(row)
        elif isinstance(row, BatchRow):
            advance(row.size_bytes)
        yield row


def _encoded(rows: Iterator[Row]) -> Iterator[bytes]:
    """Each row as JSON that also names its file, so that a line says all by itself."""
    prefix = b"{"
    for row in rows:
        line = msgspec.json.encode(row)
        if isinstance(row, FileRow):
            prefix = b'{"path":' + msgspec.json.encode(row.path) + b","
            yield line
        else:
            yield prefix + line[1:]


# verify


@log.command()
@click.argument("directory")
@click.option("--records", is_flag=True, help="Also decompress and decode every record.")
@_interval
@form_option
def verify(directory: str, records: bool, index_interval_bytes: int | None, form: Form) -> None:
    """Check every byte of a log, or of all logs in a data directory, against everything else that is known.

    Every CRC, the chain of offsets, leader epochs, indexes, producers' snapshots and checkpoints. An append that is under
    way, or was when the process died, is not damage.
    """
    disk, directory = ReadOnlyDisk(), plain(directory)
    paths = _find_logs(disk, directory)
    beside: list[Finding] = []
    reports: list[LogReport] = []
    with errors_told(), progress("verifying", _total_bytes(disk, paths)) as advance:
        if directory not in paths:
            beside = verify_directory(disk, directory)
            _say_beside(beside, form)
        for path in paths:
            report = verify_log(disk, path, Options(records, index_interval_bytes, advance))
            reports.append(report)
            _say_report(report, form)
    damage = sum(len(report.damage) for report in reports) + sum(finding.level == "damage" for finding in beside)
    if form.is_document:
        say_document(form, {"damage": damage, "findings": beside, "logs": reports})
    elif form is Form.TEXT and len(reports) > 1:
        damaged = sum(bool(report.damage) for report in reports)
        click.echo(f"{len(reports)} logs, {damaged} of them damaged")
    sys.exit(Exit.ERROR if damage else 0)


def _say_beside(findings: list[Finding], form: Form) -> None:
    if form is Form.TEXT:
        say_lines(map(finding_text, findings))
    elif form is Form.JSONL:
        for finding in findings:
            say_json(finding)


def _say_report(report: LogReport, form: Form) -> None:
    if form is Form.TEXT:
        say_lines(report_text(report))
    elif form is Form.JSONL:
        for finding in report.findings:
            say_json(finding)
        summary: dict[str, Any] = msgspec.to_builtins(report)
        say_json({**summary, "findings": len(report.findings), "damage": len(report.damage)})


# repair


@log.command()
@click.argument("directory")
@click.option("--yes", is_flag=True, help="Also cut what cannot be saved. Without it a cut is only told.")
@click.option("--dry-run", is_flag=True, help="Only say what would be done. Needs no lock.")
@_interval
@form_option
def repair(directory: str, yes: bool, dry_run: bool, index_interval_bytes: int | None, form: Form) -> None:
    """Mend a log, or all logs in a data directory.

    Rebuilds what the batches can tell: indexes, snapshots, leader epochs. Where batches themselves are damaged, the log
    can only be cut there: it is told what would be lost, and done with --yes. Needs the lock of the directory, so no
    broker may run on it.
    """
    directory = plain(directory)
    disk: Disk = ReadOnlyDisk() if dry_run else LocalDisk()
    paths = _find_logs(disk, directory)
    repairs: list[Repair] = []
    with errors_told(), ExitStack() as stack:
        if not dry_run:
            for owner in sorted({owner_of(disk, path) for path in paths}):
                stack.callback(disk.lock(owner).release)
        if directory not in paths and is_data_directory(names_in(disk, directory) or []):
            for step in repair_directory(disk, directory, dry=dry_run):
                click.echo(step_text(step), err=form is not Form.TEXT)
        advance = stack.enter_context(progress("verifying", _total_bytes(disk, paths)))
        for path in paths:
            options = Options(index_interval_bytes=index_interval_bytes, progress=advance)
            done = repair_log(disk, SystemClock(), path, options, may_cut=yes, dry=dry_run)
            repairs.append(done)
            _say_repair(done, form, may_cut=yes, is_dry=dry_run)
    if form.is_document:
        say_document(form, [_repair_value(done) for done in repairs])
    sys.exit(Exit.ERROR if any(done.after.damage for done in repairs) else 0)


def _say_repair(done: Repair, form: Form, *, may_cut: bool, is_dry: bool) -> None:
    if form is Form.JSONL:
        say_json(_repair_value(done))
    if form is not Form.TEXT:
        return
    if not done.plans:
        click.echo(f"{done.before.path}: {'nothing to repair' if not done.before.damage else 'cannot be repaired'}")
    for plan in done.plans:
        click.echo(f"{plan.path}:")
        say_lines(plan_text(plan, is_done=not is_dry, may_cut=may_cut))
    if done.plans and not done.after.damage:
        click.echo(f"  repaired; the log holds offsets {done.after.start_offset} to {done.after.end_offset}")
    elif any(plan.cut is not None for plan in done.plans) and not may_cut:
        click.echo("  nothing was cut: add --yes to do it")


def _repair_value(done: Repair) -> dict[str, Any]:
    return {
        "path": done.before.path,
        "damage_before": len(done.before.damage),
        "damage_after": len(done.after.damage),
        "start_offset": done.after.start_offset,
        "end_offset": done.after.end_offset,
        "plans": done.plans,
    }


# stats


@log.command()
@click.argument("directory")
@form_option
def stats(directory: str, form: Form) -> None:
    """Count what is in a log, or in all logs of a data directory."""
    disk, directory = ReadOnlyDisk(), plain(directory)
    paths = _find_logs(disk, directory)
    total = LogStats(directory, logs=0)
    values = []
    with errors_told(), progress("counting", _total_bytes(disk, paths)) as advance:
        for path in paths:
            one = log_stats(disk, path, advance)
            total.add(one)
            values.append(_stats_value(one))
            if form is Form.TEXT:
                say_lines(stats_text(one, path))
    if form is Form.TEXT and len(paths) > 1:
        say_lines(stats_text(total, "total"))
    elif form.is_document:
        say_document(form, {"logs": values, "total": _stats_value(total)})
    elif form is Form.JSONL:
        for value in [*values, {**_stats_value(total), "type": "total"}]:
            say_json(value)
    sys.exit(Exit.ERROR if total.damaged else 0)


def _stats_value(stats: LogStats) -> dict[str, Any]:
    value: dict[str, Any] = msgspec.to_builtins(stats)
    for codec, one in stats.codecs.items():
        value["codecs"][codec]["ratio"] = one.ratio
    return {
        **value,
        "batch_bytes": stats.batch_bytes,
        "index_ratio": stats.index_ratio,
        "dirty_ratio": stats.dirty_ratio,
    }


# What they share.


def _find_logs(disk: Disk, directory: str) -> list[str]:
    """The logs at or below a directory; ends the program where there are none."""
    if not disk.exists(directory):
        fail(f"there is no {directory}", Exit.NOT_FOUND)
    if names_in(disk, directory) is None:
        fail(f"{directory} is no directory, or cannot be read", Exit.USAGE)
    paths = find_logs(disk, directory)
    if not paths:
        fail(f"there is no log in {directory}", Exit.NOT_FOUND)
    return paths


def _total_bytes(disk: Disk, paths: list[str]) -> int:
    return sum(_store_bytes(disk, path) for path in paths) if sys.stderr.isatty() else 0


def _store_bytes(disk: Disk, path: str) -> int:
    files = LogFiles.look(disk, path)
    total = 0
    for base in files.stores:
        try:
            total += disk.open(files.path_of(base, FileKind.STORE)).size()
        except StorageFailed:
            continue  # Retention was faster; the bar will be a little off.
    return total
