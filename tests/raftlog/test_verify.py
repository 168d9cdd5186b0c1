"""Verification: clean directories are clean, and each kind of damage has its code and its place."""

from __future__ import annotations

import pytest

from cordwood.raftlog.chunk import chunk_name
from cordwood.raftlog.codecs import TEXTS
from cordwood.raftlog.records import Append, Commit, RaftLogState, RecordCodec, SaveVote, State
from cordwood.raftlog.verify import Level, verify_directory
from tests.raftlog.kit import PATH, World, build_sample, read_all

CODEC = RecordCodec(TEXTS)


@pytest.fixture
def world():
    """The chunks 0, 161, 324 and 509."""
    world = World()
    build_sample(world.open())
    world.abandon()
    return world


def report_of(world):
    return verify_directory(world.disk, PATH, TEXTS)


def found(world):
    """Code, chunk and position of each finding."""
    return [
        (finding.code, finding.path.removeprefix(PATH + "/"), finding.position) for finding in report_of(world).findings
    ]


def change(world, start, position):
    """Changes a byte."""
    data = bytearray(world.content(chunk_name(start)))
    data[position] ^= 1
    world.put(chunk_name(start), bytes(data))


def test_a_clean_directory(world):
    advanced = []
    report = verify_directory(world.disk, PATH, TEXTS, advanced.append)
    assert report.findings == report.damage == []
    assert (report.chunks, report.records, report.size_bytes) == (4, 17, 610)
    assert sum(advanced) == 610
    log = world.open()
    assert report.state == log.log_state()
    assert report.entries == len(read_all(log)) == 6


def test_every_changed_byte_is_found(world):
    for name in world.names():
        good = world.content(name)
        for position in range(len(good)):
            bad = bytearray(good)
            bad[position] = (bad[position] + 1) % 256
            world.put(name, bytes(bad))
            report = report_of(world)
            assert report.findings, f"{name} at {position}"
            is_length_of_the_last = name == chunk_name(509) and not report.damage
            assert report.damage or is_length_of_the_last
            assert report.findings[0].path == f"{PATH}/{name}"
        world.put(name, good)
    assert not report_of(world).findings


def test_damage_does_not_hide_what_is_behind_it(world):
    change(world, 161, 70)
    change(world, 509, 90)
    assert found(world) == [("record", chunk_name(161), 63), ("record", chunk_name(509), 66)]
    assert report_of(world).records == 5 + 2 + 5 + 1


def test_an_unfinished_end_is_a_note(world):
    world.disk.open(f"{PATH}/{chunk_name(509)}").truncate(90)
    report = report_of(world)
    assert [(finding.level, finding.code) for finding in report.findings] == [(Level.NOTE, "unfinished")]
    assert report.state.last == (2, 6)


def test_a_closed_chunk_that_ends_early_is_damage(world):
    world.disk.open(f"{PATH}/{chunk_name(161)}").truncate(150)
    assert found(world) == [("record", chunk_name(161), 135)]
    world.disk.open(f"{PATH}/{chunk_name(161)}").truncate(135)
    assert found(world) == [("hole", chunk_name(161), 135)]


def test_a_missing_chunk_is_a_hole(world):
    world.disk.unlink(f"{PATH}/{chunk_name(161)}")
    assert found(world) == [("hole", chunk_name(0), 161)]


def test_a_state_that_does_not_fit_is_damage(world):
    good = world.content(chunk_name(509))
    head = CODEC.encode(State(RaftLogState(None, (2, 6), (1, 2), (1, 0), None)))
    world.put(chunk_name(509), head + good[66:])
    assert found(world) == [("state", chunk_name(509), 0)]


def test_a_chunk_without_a_state_is_damage(world):
    world.put(chunk_name(610), CODEC.encode(Commit((1, 2))) * 2)
    assert found(world) == [("head", chunk_name(610), 0)]


@pytest.mark.parametrize("content", [b"", b"\0\0"])
def test_a_last_chunk_without_a_whole_record(world, content):
    world.put(chunk_name(610), content)
    assert {code for code, _, _ in found(world)} == {"unfinished"}
    assert not report_of(world).damage
    for start in (0, 161, 324, 509):
        world.disk.unlink(f"{PATH}/{chunk_name(start)}")
    assert [finding.code for finding in report_of(world).damage] == ["head"]


@pytest.mark.parametrize("record", [SaveVote((0, 0)), Append((2, 7), "again"), Append((2, 9), "far"), Commit((1, 1))])
def test_contradictions_are_damage(world, record):
    first = world.content(chunk_name(509)) + CODEC.encode(SaveVote((1, 1)))
    world.put(chunk_name(509), first + CODEC.encode(record))
    assert found(world) == [("contradiction", chunk_name(509), len(first))]


def test_what_opening_will_tidy_is_noted(world):
    log = world.open()
    log.purge((2, 3))
    log.flush(sync=False)
    log.flusher.turn()
    world.abandon()
    world.put("sync-failed", b"")
    world.put("notes.txt", b"")
    assert [(code, name) for code, name, _ in found(world)] == [
        ("name", PATH),
        ("doubt", PATH),
        ("purged", chunk_name(0)),
        ("purged", chunk_name(161)),
    ]
    assert not report_of(world).damage
