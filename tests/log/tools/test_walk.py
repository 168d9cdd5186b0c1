"""The walk over a store: whatever its size and whatever is wrong with it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordwood.log.tools import walk as module
from cordwood.log.tools.walk import StoreWalk, holds_batch, look_behind
from cordwood.model.errors import CorruptBatch, InvalidBatch
from cordwood.records.builder import build_batch
from cordwood.records.record import Record
from tests.log.kit import World, records


def stored(*sizes, start=0):
    """Batches of these record sizes, end to end."""
    return [build_batch(records(1, size=size), base_offset=start + offset) for offset, size in enumerate(sizes)]


def opened(data):
    world = World()
    world.replace("store", data)
    return world.file("store")


def walked(data, start=0):
    file = opened(data)
    walk = StoreWalk(file, start, len(data))
    return [(position, header.base_offset, bytes(batch)) for position, header, batch in walk], walk


def test_every_batch_at_its_place():
    batches = stored(10, 2000, 10)
    found, walk = walked(b"".join(batches))
    assert [batch for _, _, batch in found] == batches
    assert [offset for _, offset, _ in found] == [0, 1, 2]
    assert [position for position, _, _ in found] == [0, len(batches[0]), len(batches[0]) + len(batches[1])]
    assert walk.bad is None
    assert walk.position == sum(map(len, batches))


def test_nothing_is_no_batch():
    found, walk = walked(b"")
    assert not found
    assert walk.bad is None


@given(sizes=st.lists(st.integers(0, 400), max_size=20), window=st.integers(61, 700))
def test_the_window_does_not_matter(sizes, window):
    batches = stored(*sizes)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "WINDOW_BYTES", window)
        found, walk = walked(b"".join(batches))
    assert [batch for _, _, batch in found] == batches
    assert walk.bad is None


def test_a_large_batch_is_mapped(monkeypatch):
    monkeypatch.setattr(module, "WINDOW_BYTES", 1000)
    monkeypatch.setattr(module, "READ_LIMIT_BYTES", 2000)
    batches = stored(10, 200_000, 10)
    found, _ = walked(b"".join(batches))
    assert [batch for _, _, batch in found] == batches


@pytest.mark.parametrize("window", [100, 1 << 20])
def test_a_bad_place_ends_the_walk(monkeypatch, window):
    monkeypatch.setattr(module, "WINDOW_BYTES", window)
    batches = stored(10, 10, 10)
    data = bytearray(b"".join(batches))
    at = len(batches[0])
    data[at + 70] ^= 1
    found, walk = walked(bytes(data))
    assert len(found) == 1
    assert walk.bad is not None
    assert walk.bad.position == walk.position == at
    assert isinstance(walk.bad.error, CorruptBatch)


@pytest.mark.parametrize("left", [1, 11, 60, 61, 80])
def test_an_end_that_is_cut_off(left):
    batches = stored(10, 100)
    found, walk = walked(batches[0] + batches[1][:left])
    assert len(found) == 1
    assert walk.bad is not None
    assert not isinstance(walk.bad.error, CorruptBatch)


def test_a_file_that_got_shorter_meanwhile():
    batches = stored(10, 10)
    walk = StoreWalk(opened(batches[0]), 0, len(batches[0]) + len(batches[1]))
    assert [header.base_offset for _, header, _ in walk] == [0]
    assert walk.bad is not None
    assert isinstance(walk.bad.error, InvalidBatch)


def test_behind_a_bad_place_the_next_batch_of_the_chain_is_found_first():
    """Not one that the records of the bad batch carry."""
    inner = build_batch(records(1), base_offset=5)
    carrying = bytearray(build_batch([Record(0, 1000, None, inner)]))
    carrying[62] ^= 1
    data = bytes(carrying) + build_batch(records(1), base_offset=1)
    behind = look_behind(opened(data), 0, len(data), 0)
    assert behind.following == len(carrying)
    assert not behind.bytes_are_missing


def test_behind_a_broken_length_the_next_batch_is_searched():
    batches = stored(10, 10)
    data = bytearray(b"".join(batches))
    data[8] = 0x70
    assert look_behind(opened(bytes(data)), 0, len(data), 0).following == len(batches[0])


def test_behind_a_torn_end_is_nothing():
    batches = stored(10, 100)
    data = batches[0] + batches[1][:80]
    behind = look_behind(opened(data), len(batches[0]), len(data), 0)
    assert behind.following is None
    assert behind.bytes_are_missing


def test_a_hole_is_seen():
    batches = stored(10, 9000, 10)
    data = bytearray(b"".join(batches))
    data[4096:8192] = bytes(4096)
    behind = look_behind(opened(bytes(data)), len(batches[0]), len(data), 0)
    assert behind.following == len(batches[0]) + len(batches[1])
    assert behind.bytes_are_missing


def test_only_batches_of_the_segment_count():
    [batch] = stored(10, start=5)
    assert holds_batch(opened(b"rubbish" + batch), 5)
    assert not holds_batch(opened(b"rubbish" + batch), 6)
    assert not holds_batch(opened(b""), 0)
