"""What `cordwood raftlog` tells: reports as lines of text, rows and findings as JSON values.

Bytes of users (payloads, user data) are text where they are valid UTF-8, else base64 under another name. Log ids and
votes are pairs of numbers.

Lives here: words and values. Must not live here: where they go (terminal.lines), what is true (cordwood.raftlog), the
text of a dump, which is the library's own (raftlog.text).
"""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any, TypeAlias, assert_never

from cordwood.raftlog.dump import ChunkRow, DamageRow, RecordRow
from cordwood.raftlog.records import Append, Commit, PurgeUpto, SaveVote, State, TruncateAfter
from cordwood.raftlog.text import state_text
from cordwood.raftlog.verify import Level

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cordwood.raftlog.codecs import RaftTypes
    from cordwood.raftlog.dump import Row
    from cordwood.raftlog.records import RaftLogState, Record
    from cordwood.raftlog.verify import Finding, Report

Value: TypeAlias = "dict[str, Any]"


# Dumps.


def row_value(row: Row) -> Value:
    """A row of a dump, as JSON has it."""
    match row:
        case ChunkRow():
            return {"type": "chunk", "chunk": row.chunk, "path": row.path, "size_bytes": row.size_bytes}
        case RecordRow():
            numbers = {"chunk": row.chunk, "number": row.number, "start": row.start, "end": row.end}
            return {"type": "record", **numbers, **record_value(row.record)}
        case DamageRow():
            place = {"chunk": row.chunk, "path": row.path, "position": row.position, "reason": row.reason}
            return {"type": "unfinished" if row.is_unfinished else "damage", **place}
    assert_never(row)


def record_value(record: Record[Any, Any, bytes, bytes]) -> Value:
    """A record, as JSON has it."""
    match record:
        case SaveVote():
            return {"record": "save-vote", "vote": record.vote}
        case Append():
            return {"record": "append", "log_id": record.log_id, **_content("payload", record.payload)}
        case Commit():
            return {"record": "commit", "log_id": record.log_id}
        case TruncateAfter():
            return {"record": "truncate-after", "log_id": record.log_id}
        case PurgeUpto():
            return {"record": "purge-upto", "log_id": record.log_id}
        case State():
            return {"record": "state", **state_value(record.state)}
    assert_never(record)


def state_value(state: RaftLogState[Any, Any, bytes]) -> Value:
    """A state, as JSON has it."""
    return {
        "vote": state.vote,
        "last": state.last,
        "committed": state.committed,
        "purged": state.purged,
        **_content("user_data", state.user_data),
    }


def _content(name: str, data: bytes | None) -> Value:
    if data is None:
        return {name: None}
    try:
        return {name: data.decode()}
    except UnicodeDecodeError:
        return {f"{name}_base64": b64encode(data).decode()}


# Verification.


def report_text(types: RaftTypes[Any, Any, Any, Any], report: Report) -> Iterator[str]:
    """What verification saw of a raft log."""
    count = len(report.damage)
    verdict = "clean" if not count else f"DAMAGED, {_count(count, 'finding')}"
    yield (
        f"{report.path}: {verdict}; {_count(report.chunks, 'chunk')}, {_count(report.records, 'record')}, "
        f"{report.size_bytes:,} bytes; {_count(report.entries, 'entry', 'entries')}"
    )
    yield f"  {state_text(types, report.state)}"
    for finding in report.findings:
        at = "" if finding.position is None else f" at byte {finding.position}"
        level = "DAMAGE" if finding.level is Level.DAMAGE else "note"
        yield f"  {level} {finding.code} {finding.path}{at}: {finding.message}"


def finding_value(finding: Finding) -> Value:
    """A finding, as JSON has it."""
    return {
        "type": "finding",
        "level": finding.level,
        "code": finding.code,
        "path": finding.path,
        "position": finding.position,
        "message": finding.message,
    }


def report_value(report: Report) -> Value:
    """The sum of a report, as JSON has it."""
    return {
        "type": "raftlog",
        "path": report.path,
        "chunks": report.chunks,
        "records": report.records,
        "size_bytes": report.size_bytes,
        "entries": report.entries,
        **state_value(report.state),
        "findings": len(report.findings),
        "damage": len(report.damage),
    }


def _count(number: int, noun: str, plural: str = "") -> str:
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
