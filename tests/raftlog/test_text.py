"""The text of a dump, line for line as the Rust crate raft-log writes it (the samples of its own tests)."""

from __future__ import annotations

from cordwood.raftlog.codecs import PLAIN, TEXTS
from cordwood.raftlog.dump import DamageRow
from cordwood.raftlog.records import Append, Commit, PurgeUpto, RaftLogState, SaveVote, State, TruncateAfter
from cordwood.raftlog.text import dump_text, record_text, row_text
from tests.raftlog.kit import World, build_purged_sample, build_sample, dumped

NONE = "RaftLogState { vote: None, last: None, committed: None, purged: None, user_data: None }"

SAMPLE = """\
RaftLog:
ChunkId(00_000_000_000_000_000_000)
  R-00000: [000_000_000, 000_000_018) Size(18): State(RaftLogState { vote: None, last: None, committed: None, purged: None, user_data: None })
  R-00001: [000_000_018, 000_000_052) Size(34): Append((1, 0), "hi")
  R-00002: [000_000_052, 000_000_089) Size(37): Append((1, 1), "hello")
  R-00003: [000_000_089, 000_000_126) Size(37): Append((1, 2), "world")
  R-00004: [000_000_126, 000_000_161) Size(35): Append((1, 3), "foo")
ChunkId(00_000_000_000_000_000_161)
  R-00000: [000_000_000, 000_000_034) Size(34): State(RaftLogState { vote: None, last: Some((1, 3)), committed: None, purged: None, user_data: None })
  R-00001: [000_000_034, 000_000_063) Size(29): TruncateAfter(Some((1, 1)))
  R-00002: [000_000_063, 000_000_100) Size(37): Append((2, 2), "world")
  R-00003: [000_000_100, 000_000_135) Size(35): Append((2, 3), "foo")
  R-00004: [000_000_135, 000_000_163) Size(28): Commit((1, 2))
ChunkId(00_000_000_000_000_000_324)
  R-00000: [000_000_000, 000_000_050) Size(50): State(RaftLogState { vote: None, last: Some((2, 3)), committed: Some((1, 2)), purged: None, user_data: None })
  R-00001: [000_000_050, 000_000_078) Size(28): PurgeUpto((1, 1))
  R-00002: [000_000_078, 000_000_115) Size(37): Append((2, 4), "world")
  R-00003: [000_000_115, 000_000_150) Size(35): Append((2, 5), "foo")
  R-00004: [000_000_150, 000_000_185) Size(35): Append((2, 6), "bar")
ChunkId(00_000_000_000_000_000_509)
  R-00000: [000_000_000, 000_000_066) Size(66): State(RaftLogState { vote: None, last: Some((2, 6)), committed: Some((1, 2)), purged: Some((1, 1)), user_data: None })
  R-00001: [000_000_066, 000_000_101) Size(35): Append((2, 7), "wow")
"""

PURGED_LINES = [*range(1), *range(13, 22)]
"""The lines of the sample that are left when two chunks are purged."""


def test_the_sample_of_every_call():
    log = World().open()
    build_sample(log)
    assert dumped(log) == SAMPLE


def test_the_sample_with_two_chunks_purged():
    log = World().open()
    build_purged_sample(log)
    lines = SAMPLE.splitlines()
    assert dumped(log).splitlines() == [
        *(lines[number] for number in PURGED_LINES),
        "  R-00002: [000_000_101, 000_000_129) Size(28): PurgeUpto((2, 3))",
    ]


def test_user_data_come_and_go():
    log = World().open()
    log.save_user_data("foo")
    log.save_user_data(None)
    foo = NONE.replace("user_data: None", 'user_data: Some("foo")')
    assert dumped(log).splitlines() == [
        "RaftLog:",
        "ChunkId(00_000_000_000_000_000_000)",
        f"  R-00000: [000_000_000, 000_000_018) Size(18): State({NONE})",
        f"  R-00001: [000_000_018, 000_000_043) Size(25): State({foo})",
        f"  R-00002: [000_000_043, 000_000_061) Size(18): State({NONE})",
    ]


def test_every_kind_of_record():
    for record, text in (
        (SaveVote((1, 2)), "SaveVote((1, 2))"),
        (Append((1, 2), 'say "hi"'), 'Append((1, 2), "say \\"hi\\"")'),
        (Commit((1, 2)), "Commit((1, 2))"),
        (TruncateAfter((1, 2)), "TruncateAfter(Some((1, 2)))"),
        (TruncateAfter(None), "TruncateAfter(None)"),
        (PurgeUpto((1, 2)), "PurgeUpto((1, 2))"),
        (State(RaftLogState()), f"State({NONE})"),
    ):
        assert record_text(TEXTS, record) == text
    assert record_text(PLAIN, Append((1, 2), b"\xff")) == 'Append((1, 2), b"\\xff")'


def test_damage_is_an_error_line():
    row = DamageRow(0, "x.wal", 1234567, "why", is_unfinished=False)
    assert row_text(TEXTS, row) == "Error: damaged at 001_234_567: why"
    row = DamageRow(0, "x.wal", 12, "why", is_unfinished=True)
    assert list(dump_text(TEXTS, [row])) == ["RaftLog:", "Error: unfinished at 000_000_012: why"]
