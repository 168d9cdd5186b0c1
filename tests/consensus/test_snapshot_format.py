"""The bytes of a snapshot: read back as written, and any damage is found."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordwood.consensus import snapshot_format
from cordwood.consensus.snapshot_format import check_snapshot, read_parts, write_snapshot
from cordwood.env.disk import File
from cordwood.model.errors import CorruptLog
from cordwood.raft import Configuration, Snapshot
from cordwood.sim.disk import SimDisk

SNAPSHOT = Snapshot(17, 3, Configuration(frozenset({1, 2}), frozenset({2}), frozenset({5}), auto_leave=True))


def written(parts: list[bytes]) -> File:
    file = SimDisk().open("/snapshot", create=True)
    assert write_snapshot(file, SNAPSHOT, parts) == file.size()
    return file


@given(st.lists(st.binary(max_size=300), max_size=5))
def test_what_is_written_is_read_back(parts):
    file = written(parts)
    assert check_snapshot(file) == SNAPSHOT
    assert b"".join(read_parts(file)) == b"".join(parts)


def test_large_parts_are_cut(monkeypatch):
    monkeypatch.setattr(snapshot_format, "PART_LIMIT_BYTES", 10)
    assert list(read_parts(written([bytes(25), b""]))) == [bytes(10), bytes(10), bytes(5)]


def test_every_byte_counts():
    whole = written([b"some state", b"and more"])
    data = whole.read(whole.size(), 0)
    for at in [*range(6), *range(8, len(data))]:
        file = written([])
        file.truncate(0)
        file.write([data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]], 0)
        with pytest.raises(CorruptLog):
            check_snapshot(file)


def test_every_length_counts():
    whole = written([b"some state", b"and more"])
    data = whole.read(whole.size(), 0)
    for end in range(len(data)):
        whole.truncate(end)
        with pytest.raises(CorruptLog):
            check_snapshot(whole)
        whole.write([data], 0)
    whole.write([b"x"], len(data))
    with pytest.raises(CorruptLog, match="follow the end"):
        check_snapshot(whole)


def test_parts_cannot_change_places():
    whole = written([b"aaaa", b"bbbb"])
    data = whole.read(whole.size(), 0)
    first, second = data[-32:-20], data[-20:-8]
    assert (first[-4:], second[-4:]) == (b"aaaa", b"bbbb")
    whole.write([second + first], len(data) - 32)
    with pytest.raises(CorruptLog):
        check_snapshot(whole)
