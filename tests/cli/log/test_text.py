"""The words of `cordwood log`."""

from __future__ import annotations

import pytest

from cordwood.cli.log.text import (
    CONTENT_LIMIT,
    cut_text,
    finding_text,
    plan_text,
    report_text,
    row_text,
    stats_text,
    time_text,
)
from cordwood.log.tools.files import Content
from cordwood.log.tools.findings import Code, Finding, Level, LogReport
from cordwood.log.tools.repair import (
    Cut,
    Plan,
    RebuildAborted,
    RebuildEpochs,
    RebuildIndexes,
    RebuildMeta,
    RebuildSnapshot,
    Remove,
    Stamp,
    Step,
)
from cordwood.log.tools.rows import (
    BatchRow,
    CompactionRow,
    DamageRow,
    EpochRow,
    FileRow,
    HeaderField,
    IndexEntryRow,
    MarkerRow,
    MetaRow,
    ProducedRow,
    ProducerRow,
    RecordRow,
    SnapshotRow,
    TimeIndexEntryRow,
    UnfinishedRow,
)
from cordwood.log.tools.stats import CodecStats, LogStats


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (1_700_000_000_123, "2023-11-14T22:13:20.123Z"),
        (-1, "none"),
        (None, "none"),
        (1 << 62, str(1 << 62)),
        ((1 << 63) - 1, str((1 << 63) - 1)),
    ],
)
def test_times(milliseconds, text):
    assert time_text(milliseconds) == text


ROWS = [
    (FileRow("/a.log", Content.STORE, 1234), "/a.log (store, 1,234 bytes)"),
    (
        BatchRow(7, 90, 5, 5, 1, "none", -1, "create", 0, 0, -1, -1, -1, -1, False, False, False, 0xABC),
        "  @7 offset 5, 1 record, 90 bytes, none, time 1970-01-01T00:00:00.000Z to 1970-01-01T00:00:00.000Z, crc 00000abc",
    ),
    (
        BatchRow(7, 90, 5, 9, 3, "zstd", 2, "append", 0, -1, 8, 1, 4, 8, True, True, True, 1),
        (
            "  @7 offset 5..9, 3 records, 90 bytes, zstd, time 1970-01-01T00:00:00.000Z to none, time of append, epoch 2, "
            "producer 8 epoch 1, sequence 4..8, transactional, control, delete horizon, crc 00000001"
        ),
    ),
    (RecordRow(5, 0, None, None, "v"), "    5 1970-01-01T00:00:00.000Z value 'v'"),
    (
        RecordRow(5, 0, "k", None, None, b"\xff", (HeaderField("h", "x"), HeaderField("n"))),
        "    5 1970-01-01T00:00:00.000Z key 'k' value 0xff h='x' n=null",
    ),
    (RecordRow(5, -1), "    5 none value null"),
    (MarkerRow(5, 0, "commit", 3), "    5 1970-01-01T00:00:00.000Z commit by coordinator epoch 3"),
    (DamageRow(5, "it is wrong"), "  @5 DAMAGED: it is wrong"),
    (DamageRow(5, "it is wrong", 9), "  @5 DAMAGED: it is wrong; the next valid batch begins at 9"),
    (UnfinishedRow(5, 3, "it is short"), "  @5 unfinished: 3 bytes: it is short"),
    (IndexEntryRow(5, 9), "  offset 5 @9"),
    (TimeIndexEntryRow(0, 9), "  1970-01-01T00:00:00.000Z (0) is the latest below offset 9"),
    (SnapshotRow(9, 2), "  2 producers below offset 9"),
    (
        ProducerRow(7, 1, 0, (ProducedRow(0, 2, 10, 12, 5), ProducedRow(3, 3, 13, 13, 5))),
        "  producer 7 epoch 1, last append 1970-01-01T00:00:00.000Z: sequences 0..2 at 10..12, 3 at 13",
    ),
    (ProducerRow(7, 1, 0, ()), "  producer 7 epoch 1, last append 1970-01-01T00:00:00.000Z: no sequences"),
    (EpochRow(3, 40), "  epoch 3 from offset 40"),
    (MetaRow("00" * 16, 4, 83), f"  topic id {'00' * 16}, start offset 4, recovery point 83"),
    (
        MetaRow("00" * 16, 4, 83, (0, 41)),
        f"  topic id {'00' * 16}, start offset 4, recovery point 83, 2 segments with aborted transactions",
    ),
    (CompactionRow(40), "  compacted below offset 40"),
]


@pytest.mark.parametrize(("row", "text"), ROWS)
def test_rows(row, text):
    assert row_text(row) == text


def test_long_contents_are_cut():
    text = row_text(RecordRow(0, 0, "k" * 1000, None, None, b"\xff" * 1000))
    assert f"'{'k' * CONTENT_LIMIT}'... (1,000 bytes)" in text
    assert f"0x{'ff' * (CONTENT_LIMIT // 2)}... (1,000 bytes)" in text
    assert "..." not in row_text(RecordRow(0, 0, "k" * CONTENT_LIMIT, None, "line\nbreak"))
    assert "\n" not in row_text(RecordRow(0, 0, None, None, "line\nbreak"))


def test_findings_and_reports():
    wrong = Finding(Level.DAMAGE, Code.CRC, "/a.log", 7, "it is wrong")
    odd = Finding(Level.NOTE, Code.LEFTOVER, "/a", None, "it is left")
    assert finding_text(wrong) == "  DAMAGE crc /a.log at byte 7: it is wrong"
    assert finding_text(odd) == "  note leftover /a: it is left"
    assert list(report_text(LogReport("/a", 4, 83, 83, 1, 35, 3590, [odd]))) == [
        "/a: clean; offsets 4 to 83, 1 segment, 35 batches, 3,590 bytes",
        "  note leftover /a: it is left",
    ]
    assert next(report_text(LogReport("/a", findings=[wrong, wrong]))).startswith("/a: DAMAGED, 2 findings; ")
    assert next(report_text(LogReport("/a", findings=[wrong]))).startswith("/a: DAMAGED, 1 finding; ")


CUT = Cut("/a/0.log", 0, 70, "it is wrong", 5, 20, 1000, ("/a/9.log",), 3, 900, 8, 20)
STEPS: list[tuple[Step, str]] = [
    (Stamp("/a/0.log", 7, 5, None, "why"), "write base offset 5 into the batch of /a/0.log at byte 7: why"),
    (Stamp("/a/0.log", 7, None, 2, "why"), "write leader epoch 2 into the batch of /a/0.log at byte 7: why"),
    (RebuildIndexes("/a/0.idx", 0, "why"), "rebuild the indexes of the segment at 0: /a/0.idx: why"),
    (Remove("/a/0.idx", "why"), "remove /a/0.idx: why"),
    (RebuildSnapshot("/a/9.snapshot", 9), "write the producers' snapshot /a/9.snapshot from the batches"),
    (RebuildAborted("/a/0.txnidx", 0, "why"), "rebuild /a/0.txnidx from the batches: why"),
    (RebuildEpochs("/a/leader-epochs", "why"), "rebuild /a/leader-epochs from the batches: why"),
    (RebuildMeta("/a/m", 4, True, "why"), "write /a/m with start offset 4: why"),
    (RebuildMeta("/a/m", 4, False, "why"), "write /a/m with start offset 4 and no topic id: why"),
]


def test_plans():
    plan = Plan("/a", None, [step for step, _ in STEPS])
    assert list(plan_text(plan, is_done=True, may_cut=False)) == [f"  {text}" for _, text in STEPS]
    assert list(plan_text(plan, is_done=False, may_cut=True)) == [f"  would {text}" for _, text in STEPS]


def test_what_waits_for_a_cut():
    plan = Plan("/a", CUT, [STEPS[2][0], STEPS[3][0]])
    rebuilt, removed, told, *_ = plan_text(plan, is_done=True, may_cut=False)
    assert rebuilt.startswith("  rebuild")
    assert removed.startswith("  would remove")
    assert told.startswith("  would CUT")
    assert [line[:6] for line in plan_text(plan, is_done=True, may_cut=True)][:3] == ["  rebu", "  remo", "  CUT "]


def test_cuts_are_told_precisely():
    assert list(cut_text(CUT, was_done=False)) == [
        "  would CUT /a/0.log at byte 70: it is wrong",
        "    1,000 bytes go, 1 whole file among them; the log then ends at offset 5",
        "    offsets 5..19 are lost",
        "    behind the place go 3 valid batches of 900 bytes: offsets 8..19",
    ]
    assert list(cut_text(Cut("/a", 0, 0, "why", 5, 5, 0, (), 0, 0, None, None), was_done=True)) == [
        "  CUT /a at byte 0: why",
        "    0 bytes go; the log then ends at offset 5",
        "    no valid batch lies behind the place",
    ]


def test_statistics():
    stats = LogStats(
        "/a",
        segments=3,
        size_bytes=3000,
        index_bytes=30,
        batches=30,
        records=300,
        transactional_batches=4,
        control_batches=2,
        producers=1,
        first_timestamp=0,
        last_timestamp=1000,
        codecs={"zstd": CodecStats(10, 100, 1000, 500, 2000), "none": CodecStats(20, 200, 2000)},
        damaged=["/a/9.log at byte 0: why"],
        closed_bytes=2000,
        dirty_bytes=500,
    )
    assert list(stats_text(stats, "/a")) == [
        "/a: 3 segments, 3,000 bytes",
        "  300 records in 30 batches of 100 bytes on average; 1 idempotent producer",
        "  4 transactional batches, 2 of them markers",
        "  from 1970-01-01T00:00:00.000Z to 1970-01-01T00:00:01.000Z",
        "  none: 200 records in 20 batches, 2,000 bytes",
        "  zstd: 100 records in 10 batches, 1,000 bytes, 4.00 times smaller than without",
        "  indexes: 30 bytes, 1.000% of the store",
        "  compaction: 25.0% of the closed segments are dirty",
        "  not counted to its end: /a/9.log at byte 0: why",
    ]
    assert next(stats_text(LogStats("x", logs=2), "total")) == "total: 2 logs, 0 segments, 0 bytes"
