"""What `cordwood raftlog` tells: words for people, values for programs."""

from __future__ import annotations

import json

import pytest

from cordwood.cli.raftlog.text import finding_value, record_value, report_text, report_value, row_value
from cordwood.raftlog.codecs import PLAIN
from cordwood.raftlog.dump import ChunkRow, DamageRow, RecordRow
from cordwood.raftlog.records import Append, Commit, PurgeUpto, RaftLogState, SaveVote, State, TruncateAfter
from cordwood.raftlog.verify import Finding, Level, Report

EMPTY = {"vote": None, "last": None, "committed": None, "purged": None, "user_data": None}


@pytest.mark.parametrize(
    ("record", "value"),
    [
        (SaveVote((1, 2)), {"record": "save-vote", "vote": (1, 2)}),
        (Append((1, 2), b"hi"), {"record": "append", "log_id": (1, 2), "payload": "hi"}),
        (Append((1, 2), b"\xff"), {"record": "append", "log_id": (1, 2), "payload_base64": "/w=="}),
        (Commit((1, 2)), {"record": "commit", "log_id": (1, 2)}),
        (TruncateAfter(None), {"record": "truncate-after", "log_id": None}),
        (PurgeUpto((1, 2)), {"record": "purge-upto", "log_id": (1, 2)}),
        (State(RaftLogState()), {"record": "state", **EMPTY}),
    ],
)
def test_records_as_values(record, value):
    assert record_value(record) == value
    json.dumps(value)


def test_rows_as_values():
    assert row_value(ChunkRow(161, "x.wal", 163)) == {
        "type": "chunk",
        "chunk": 161,
        "path": "x.wal",
        "size_bytes": 163,
    }
    row = row_value(RecordRow(161, 2, 63, 91, Commit((1, 2))))
    assert list(row) == ["type", "chunk", "number", "start", "end", "record", "log_id"]
    for is_unfinished, kind in ((True, "unfinished"), (False, "damage")):
        row = row_value(DamageRow(161, "x.wal", 63, "why", is_unfinished))
        assert row == {"type": kind, "chunk": 161, "path": "x.wal", "position": 63, "reason": "why"}


def test_a_report_in_words_and_as_a_value():
    report = Report("raft", 2, 1234, 56789, 1)
    assert list(report_text(PLAIN, report)) == [
        "raft: clean; 2 chunks, 1,234 records, 56,789 bytes; 1 entry",
        "  RaftLogState { vote: None, last: None, committed: None, purged: None, user_data: None }",
    ]
    report.findings += [
        Finding(Level.DAMAGE, "record", "x.wal", 63, "why"),
        Finding(Level.NOTE, "name", "raft", None, "stray"),
    ]
    first, _, *told = report_text(PLAIN, report)
    assert first.startswith("raft: DAMAGED, 1 finding; ")
    assert told == ["  DAMAGE record x.wal at byte 63: why", "  note name raft: stray"]
    value = report_value(report)
    assert (value["findings"], value["damage"], value["entries"]) == (2, 1, 1)
    assert finding_value(report.findings[0]) == {
        "type": "finding",
        "level": "damage",
        "code": "record",
        "path": "x.wal",
        "position": 63,
        "message": "why",
    }
