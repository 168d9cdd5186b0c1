"""The store: bytes at positions, and the walk over headers."""

from __future__ import annotations

import pytest

from cordwood.log.store import WALK_BYTES, Store
from cordwood.model.errors import CorruptLog, StorageFailed
from cordwood.records.batch import parse_header, stamp
from cordwood.sim.disk import SimDisk
from cordwood.sim.faults import Fault, Operation
from tests.log.kit import batch


def store_of(sizes, disk=None):
    """A store with batches of values of these sizes, and where each begins."""
    disk = disk or SimDisk()
    disk.make_directory("/d")
    store = Store(disk.open("/d/store", create=True))
    positions = []
    for offset, size in enumerate(sizes):
        view = batch(size=size)
        stamp(view, 0, offset * 10, 0)
        positions.append(store.append([view]))
    return store, positions


def test_appends_follow_each_other():
    store, positions = store_of([1, 100, 5])
    sizes = [len(batch(size=size)) for size in (1, 100, 5)]
    assert positions == [0, sizes[0], sizes[0] + sizes[1]]
    assert store.size_bytes == store.file.size()
    assert Store(store.file).size_bytes == store.size_bytes


def test_a_failed_append_changes_nothing():
    disk = SimDisk()
    store, _ = store_of([1], disk)
    size = store.size_bytes
    disk.faults.fail(Fault(Operation.WRITE))
    with pytest.raises(StorageFailed):
        store.append([batch()])
    assert store.size_bytes == size
    assert store.append([batch()]) == size


def test_headers_come_with_their_positions_across_chunks():
    store, positions = store_of([10, WALK_BYTES - 100, 3 * WALK_BYTES, 20, *[200] * 200])
    walked = list(store.headers(0, store.size_bytes))
    assert [position for position, _ in walked] == positions
    assert [header.base_offset for _, header in walked] == [10 * number for number in range(len(positions))]
    assert [position for position, _ in store.headers(positions[3], positions[7])] == positions[3:7]
    assert store.header_at(positions[2]) == walked[2][1]


def test_locate_finds_the_batch_that_holds_an_offset():
    store, positions = store_of([10, 30 * 1024, 10, *[50] * 300])
    for number, position in enumerate(positions):
        assert store.locate(number * 10, 0, store.size_bytes) == (number * 10, position)
        assert store.locate(number * 10, positions[max(number - 3, 0)], store.size_bytes) == (number * 10, position)


def test_locate_finds_the_batch_behind_a_gap():
    store, positions = store_of([10, 30 * 1024, 10, *[50] * 300])
    for number, position in enumerate(positions[1:], 1):
        for offset in (number * 10 - 9, number * 10 - 1):
            assert store.locate(offset, 0, store.size_bytes) == (number * 10, position)


@pytest.mark.parametrize("size", [0, 11, 30, 60])
def test_a_file_that_ends_inside_a_header_is_corrupt(size):
    store, positions = store_of([10, 10])
    end = store.size_bytes
    store.file.truncate(positions[1] + size)
    with pytest.raises(CorruptLog) as raised:
        store.header_at(positions[1])
    assert raised.value.position == positions[1]
    with pytest.raises(CorruptLog):
        list(store.headers(0, end))
    if size < 12:
        with pytest.raises(CorruptLog):
            store.locate(10, 0, end)


@pytest.mark.parametrize(("position", "byte"), [(16, 1), (8, 0x80), (8, 0x7F), (23, 0x80)])
def test_bytes_that_are_no_header_are_corrupt(position, byte):
    store, positions = store_of([10, 10])
    store.file.write([bytes([byte])], positions[1] + position)
    with pytest.raises(CorruptLog):
        list(store.headers(0, store.size_bytes))
    with pytest.raises(CorruptLog):
        store.header_at(positions[1])


def test_locate_refuses_a_length_that_cannot_be():
    store, positions = store_of([10, 10])
    store.file.write([b"\x00\x00\x00\x01"], positions[1] + 8)
    with pytest.raises(CorruptLog):
        store.locate(10, 0, store.size_bytes)


def test_locate_passes_over_no_batch_that_ends_before_it_begins():
    store, positions = store_of([10, 10, 10])
    store.file.write([b"\x80"], positions[1] + 23)
    with pytest.raises(CorruptLog, match="before it begins"):
        store.locate(10, 0, store.size_bytes)


def test_truncate_and_sync():
    store, positions = store_of([10, 10])
    store.truncate(positions[1])
    store.sync()
    assert store.size_bytes == store.file.size() == positions[1]
    assert parse_header(store.file.read(61, 0)).base_offset == 0
