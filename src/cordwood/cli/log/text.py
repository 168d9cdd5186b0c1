"""What `cordwood log` tells people: rows, findings, plans and statistics as lines of text.

Lives here: words. Must not live here: where they go (terminal.lines), what is true (cordwood.log.tools).
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Final, assert_never

from cordwood.log.tools.findings import Level
from cordwood.log.tools.repair import (
    RebuildAborted,
    RebuildEpochs,
    RebuildIndexes,
    RebuildMeta,
    RebuildSnapshot,
    Remove,
    Stamp,
)
from cordwood.log.tools.rows import (
    AbortedRow,
    BatchRow,
    CompactionRow,
    DamageRow,
    EpochRow,
    FileRow,
    IndexEntryRow,
    MarkerRow,
    MetaRow,
    ProducerRow,
    RecordRow,
    SnapshotRow,
    TimeIndexEntryRow,
    UnfinishedRow,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cordwood.log.tools.findings import Finding, LogReport
    from cordwood.log.tools.repair import Cut, Plan, Step
    from cordwood.log.tools.rows import Row
    from cordwood.log.tools.stats import LogStats

CONTENT_LIMIT: Final = 80
"""So much of a key, value or header is shown."""


def time_text(milliseconds: int | None) -> str:
    """A timestamp in ISO 8601, or the bare number where that has no year."""
    if milliseconds is None or milliseconds < 0:
        return "none"
    second = _second_text(milliseconds // 1000)
    return str(milliseconds) if second is None else f"{second}.{milliseconds % 1000:03d}Z"


@lru_cache(maxsize=1024)
def _second_text(seconds: int) -> str | None:
    """Most batches are of the same second as their neighbours."""
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}"
    except (OverflowError, ValueError, OSError):
        return None


def _count(number: int, noun: str, ending: str = "s") -> str:
    return f"{number:,} {noun}{'' if number == 1 else ending}"


def _range(start: int, last: int) -> str:
    return str(start) if start == last else f"{start}..{last}"


def _content(text: str | None, data: bytes | None) -> str:
    """A key or value: quoted text, or hexadecimal digits."""
    if text is None and data is None:
        return "null"
    size = len(data or (text or "").encode())
    shown = repr((text or "")[:CONTENT_LIMIT]) if data is None else f"0x{data[: CONTENT_LIMIT // 2].hex()}"
    is_whole = len(text or "") <= CONTENT_LIMIT if data is None else size <= CONTENT_LIMIT // 2
    return shown if is_whole else f"{shown}... ({size:,} bytes)"


# Dumps.


def row_text(row: Row) -> str:
    """A row of a dump, on one line."""
    match row:
        case FileRow():
            return f"{row.path} ({row.content}, {row.size_bytes:,} bytes)"
        case BatchRow():
            return _batch(row)
        case RecordRow():
            return _record(row)
        case MarkerRow():
            return (
                f"    {row.offset} {time_text(row.timestamp)} {row.marker} by coordinator epoch {row.coordinator_epoch}"
            )
        case DamageRow():
            on = "" if row.following is None else f"; the next valid batch begins at {row.following}"
            return f"  @{row.position} DAMAGED: {row.reason}{on}"
        case UnfinishedRow():
            return f"  @{row.position} unfinished: {row.size_bytes:,} bytes: {row.reason}"
        case _:
            return _small_row_text(row)


def _small_row_text(
    row: IndexEntryRow
    | TimeIndexEntryRow
    | AbortedRow
    | SnapshotRow
    | ProducerRow
    | EpochRow
    | MetaRow
    | CompactionRow,
) -> str:
    """A row of a file that is no store."""
    match row:
        case IndexEntryRow():
            return f"  offset {row.offset} @{row.position}"
        case TimeIndexEntryRow():
            return f"  {time_text(row.timestamp)} ({row.timestamp}) is the latest below offset {row.offset}"
        case AbortedRow():
            offsets = f"offsets {row.first_offset} to {row.last_offset}, stable then up to {row.last_stable_offset}"
            return f"  producer {row.producer_id} aborted {offsets}"
        case SnapshotRow():
            return f"  {row.producers} producers below offset {row.offset}"
        case ProducerRow():
            return _producer(row)
        case EpochRow():
            return f"  epoch {row.epoch} from offset {row.start_offset}"
        case CompactionRow():
            return f"  compacted below offset {row.first_dirty}"
        case MetaRow():
            aborting = f", {_count(len(row.aborting), 'segment')} with aborted transactions" if row.aborting else ""
            bounds = f"start offset {row.start_offset}, recovery point {row.recovery_point}"
            return f"  topic id {row.topic_id}, {bounds}{aborting}"
    assert_never(row)


def _batch(row: BatchRow) -> str:
    parts = [
        f"offset {_range(row.base_offset, row.last_offset)}",
        _count(row.records, "record"),
        f"{row.size_bytes:,} bytes",
        row.codec,
        f"time {time_text(row.base_timestamp)} to {time_text(row.max_timestamp)}",
    ]
    if row.timestamp_type == "append":
        parts.append("time of append")
    if row.leader_epoch >= 0:
        parts.append(f"epoch {row.leader_epoch}")
    if row.producer_id >= 0:
        parts.append(f"producer {row.producer_id} epoch {row.producer_epoch}")
    if row.base_sequence >= 0:
        parts.append(f"sequence {_range(row.base_sequence, row.last_sequence)}")
    flags = {
        "transactional": row.is_transactional,
        "control": row.is_control,
        "delete horizon": row.has_delete_horizon,
    }
    parts += [name for name, is_set in flags.items() if is_set]
    return f"  @{row.position} {', '.join(parts)}, crc {row.crc:08x}"


def _record(row: RecordRow) -> str:
    key = "" if row.key is None and row.key_base64 is None else f" key {_content(row.key, row.key_base64)}"
    headers = "".join(f" {field.name}={_content(field.value, field.value_base64)}" for field in row.headers)
    return f"    {row.offset} {time_text(row.timestamp)}{key} value {_content(row.value, row.value_base64)}{headers}"


def _producer(row: ProducerRow) -> str:
    batches = ", ".join(
        f"{_range(batch.base_sequence, batch.last_sequence)} at {_range(batch.base_offset, batch.last_offset)}"
        for batch in row.batches
    )
    told = f"sequences {batches}" if batches else "no sequences"
    is_open = f", transaction open since {row.transaction_start}" if row.transaction_start >= 0 else ""
    return f"  producer {row.producer_id} epoch {row.epoch}, last append {time_text(row.last_append)}: {told}{is_open}"


# Verification.


def finding_text(finding: Finding) -> str:
    """A finding, on one line."""
    at = "" if finding.position is None else f" at byte {finding.position}"
    level = "DAMAGE" if finding.level is Level.DAMAGE else "note"
    return f"  {level} {finding.code} {finding.path}{at}: {finding.message}"


def report_text(report: LogReport) -> Iterator[str]:
    """What verification saw of a log."""
    count = len(report.damage)
    verdict = "clean" if not count else f"DAMAGED, {_count(count, 'finding')}"
    yield (
        f"{report.path}: {verdict}; offsets {report.start_offset} to {report.end_offset}, "
        f"{_count(report.segments, 'segment')}, {_count(report.batches, 'batch', 'es')}, {report.size_bytes:,} bytes"
    )
    yield from map(finding_text, report.findings)


# Repair.


def plan_text(plan: Plan, *, is_done: bool, may_cut: bool) -> Iterator[str]:
    """What repair does to a log, or would do. Without a cut that is wanted, nothing but indexes is rebuilt."""
    for step in plan.steps:
        was_done = is_done and (plan.cut is None or may_cut or isinstance(step, RebuildIndexes))
        yield f"  {'' if was_done else 'would '}{step_text(step)}"
    if plan.cut is not None:
        yield from cut_text(plan.cut, was_done=is_done and may_cut)


def step_text(step: Step) -> str:
    """A step, on one line."""
    match step:
        case Stamp():
            what = "base offset" if step.leader_epoch is None else "leader epoch"
            value = step.base_offset if step.leader_epoch is None else step.leader_epoch
            return f"write {what} {value} into the batch of {step.path} at byte {step.position}: {step.reason}"
        case RebuildIndexes():
            return f"rebuild the indexes of the segment at {step.segment}: {step.path}: {step.reason}"
        case Remove():
            return f"remove {step.path}: {step.reason}"
        case RebuildSnapshot():
            return f"write the producers' snapshot {step.path} from the batches"
        case RebuildAborted():
            return f"rebuild {step.path} from the batches: {step.reason}"
        case RebuildEpochs():
            return f"rebuild {step.path} from the batches: {step.reason}"
        case RebuildMeta():
            topic = "" if step.keeps_topic_id else " and no topic id"
            return f"write {step.path} with start offset {step.start_offset}{topic}: {step.reason}"
    assert_never(step)


def cut_text(cut: Cut, *, was_done: bool) -> Iterator[str]:
    """A cut, precisely."""
    yield f"  {'' if was_done else 'would '}CUT {cut.path} at byte {cut.position}: {cut.reason}"
    files = f", {_count(len(cut.removed), 'whole file')} among them" if cut.removed else ""
    yield f"    {cut.size_bytes:,} bytes go{files}; the log then ends at offset {cut.offset}"
    if cut.end_offset > cut.offset:
        yield f"    offsets {_range(cut.offset, cut.end_offset - 1)} are lost"
    if cut.valid_batches and cut.valid_start is not None and cut.valid_end is not None:
        yield (
            f"    behind the place go {_count(cut.valid_batches, 'valid batch', 'es')} of {cut.valid_bytes:,} bytes: "
            f"offsets {_range(cut.valid_start, cut.valid_end - 1)}"
        )
    else:
        yield "    no valid batch lies behind the place"


# Statistics.


def stats_text(stats: LogStats, name: str) -> Iterator[str]:
    """The statistics of a log, or of several."""
    logs = f"{stats.logs} logs, " if stats.logs != 1 else ""
    yield f"{name}: {logs}{_count(stats.segments, 'segment')}, {stats.size_bytes:,} bytes"
    batches = _count(stats.batches, "batch", "es")
    yield (
        f"  {_count(stats.records, 'record')} in {batches} of {stats.batch_bytes:,.0f} bytes on average; "
        f"{_count(stats.producers, 'idempotent producer')}"
    )
    if stats.control_batches or stats.transactional_batches:
        batches = _count(stats.transactional_batches, "transactional batch", "es")
        yield f"  {batches}, {stats.control_batches:,} of them markers"
    yield f"  from {time_text(stats.first_timestamp)} to {time_text(stats.last_timestamp)}"
    for codec, one in sorted(stats.codecs.items()):
        ratio = "" if one.ratio is None else f", {one.ratio:.2f} times smaller than without"
        batches = _count(one.batches, "batch", "es")
        yield f"  {codec}: {_count(one.records, 'record')} in {batches}, {one.size_bytes:,} bytes{ratio}"
    yield f"  indexes: {stats.index_bytes:,} bytes, {stats.index_ratio:.3%} of the store"
    if stats.dirty_ratio is not None:
        yield f"  compaction: {stats.dirty_ratio:.1%} of the closed segments are dirty"
    for damaged in stats.damaged:
        yield f"  not counted to its end: {damaged}"
