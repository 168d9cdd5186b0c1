"""Small files are replaced whole, and damage to them is found."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordwood.env.memory_disk import MemoryDisk
from cordwood.log import checkpoint
from cordwood.log.checkpoint import Kind
from cordwood.model.errors import CorruptLog, StorageFailed
from cordwood.sim.disk import SimDisk
from cordwood.sim.faults import Fault, Operation

KIND = Kind(b"TEST", 3)


@given(st.binary(max_size=200))
def test_what_goes_in_comes_out(payload):
    assert checkpoint.decode(KIND, checkpoint.encode(KIND, payload), "x") == payload


@given(st.binary(max_size=60), st.data())
def test_every_damage_is_found(payload, data):
    whole = checkpoint.encode(KIND, payload)
    position = data.draw(st.integers(0, len(whole) - 1))
    damaged = bytearray(whole)
    damaged[position] ^= data.draw(st.integers(1, 255))
    with pytest.raises(CorruptLog, match="some/file"):
        checkpoint.decode(KIND, bytes(damaged), "some/file")


@pytest.mark.parametrize("size", range(len(checkpoint.encode(KIND, b"abc"))))
def test_every_cut_is_found(size):
    with pytest.raises(CorruptLog):
        checkpoint.decode(KIND, checkpoint.encode(KIND, b"abc")[:size], "x")


def test_a_newer_version_is_refused_and_an_older_one_read():
    newer = checkpoint.encode(Kind(b"TEST", 4), b"abc")
    with pytest.raises(CorruptLog, match="version 4"):
        checkpoint.decode(KIND, newer, "x")
    assert checkpoint.decode(KIND, checkpoint.encode(Kind(b"TEST", 1), b"abc"), "x") == b"abc"


def test_replace_and_load():
    disk = MemoryDisk()
    disk.make_directory("/d")
    assert checkpoint.load(disk, "/d/c", KIND) is None
    checkpoint.replace(disk, "/d/c", KIND, b"long first payload")
    checkpoint.replace(disk, "/d/c", KIND, b"second")
    assert checkpoint.load(disk, "/d/c", KIND) == b"second"
    assert disk.list("/d") == ["c"]


@pytest.mark.parametrize("operation", [Operation.WRITE, Operation.DATASYNC, Operation.RENAME])
def test_the_old_file_stands_when_the_new_one_fails(operation):
    disk = SimDisk()
    disk.make_directory("/d")
    checkpoint.replace(disk, "/d/c", KIND, b"old")
    disk.faults.fail(Fault(operation))
    with pytest.raises(StorageFailed):
        checkpoint.replace(disk, "/d/c", KIND, b"new")
    assert checkpoint.load(disk, "/d/c", KIND) == b"old"
