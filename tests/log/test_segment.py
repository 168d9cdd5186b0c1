"""A segment knows where its offsets are, when it is full, and repairs its indexes."""

from __future__ import annotations

import pytest

from cordwood.log.backend import FileKind
from cordwood.log.config import LogConfig
from cordwood.log.recent import GENERATION_BATCHES
from cordwood.log.segment import RELATIVE_OFFSET_LIMIT, Segment
from cordwood.records.batch import stamp
from tests.log.kit import World, batch

COUNT = 50


def filled(world, count=COUNT, *, base_offset=0, records_each=3, interval_bytes=300):
    """Batches of three records; returns the segment and the positions."""
    segment = world.segment(base_offset, interval_bytes)
    positions = []
    for number in range(count):
        offset = base_offset + number * records_each
        view = batch(records_each, timestamp_ms=1001 + number - records_each)
        stamp(view, 0, offset, 0)
        positions.append(segment.size_bytes)
        segment.append([view], offset, offset + records_each, 1000 + number)
    return segment, positions


def reopened(world, segment):
    """The same segment as it is after a restart that trusts it."""
    return Segment.sealed(world.backend(), segment.base_offset, segment.next_offset, 300, created_ms=0)


def check_places(segment, positions, records_each=3):
    for number, position in enumerate(positions):
        base = segment.base_offset + number * records_each
        for offset in (base, base + records_each - 1):
            assert segment.locate(offset) == (base, position)


def test_every_offset_is_found_while_it_grows_and_when_it_is_closed():
    world = World()
    segment, positions = filled(world)
    assert segment.tail == (150, segment.store.size_bytes)
    check_places(segment, positions)
    segment.seal()
    check_places(segment, positions)
    check_places(reopened(world, segment), positions)


def test_offsets_far_behind_the_tail_are_found_by_the_index():
    segment, positions = filled(World(), 3 * GENERATION_BATCHES, records_each=1)
    for number in (0, 1, 17, GENERATION_BATCHES - 1, GENERATION_BATCHES, 3 * GENERATION_BATCHES - 1):
        assert segment.locate(number) == (number, positions[number])


@pytest.mark.parametrize("kind", [FileKind.INDEX, FileKind.TIME_INDEX])
@pytest.mark.parametrize(
    "damage",
    [
        None,
        lambda data: b"",
        lambda data: data[:16],
        lambda data: data[:-16],
        lambda data: data[:-5],
        lambda data: bytes(len(data)),
        lambda data: data[16:32] + data[:16] + data[32:],
        lambda data: data[:-16] + b"\xff" * 16,
        lambda data: data + data[-16:-8] + b"\xff\x7f" + bytes(6),
        lambda data: data[:8] + b"\x01" + data[9:],
        lambda data: data[:-8] + bytes([data[-8] ^ 1]) + data[-7:],
    ],
)
def test_a_damaged_index_is_rebuilt(kind, damage):
    world = World()
    segment, positions = filled(world)
    segment.seal()
    name = f"{0:020d}{kind}"
    whole = world.content(name)
    if damage is None:
        world.backend().remove(0, kind)
    else:
        world.replace(name, damage(whole))
    again = reopened(world, segment)
    check_places(again, positions)
    assert again.indexes.latest_timestamp == 1000 + COUNT - 1
    if kind is FileKind.INDEX or damage is None:
        assert world.content(name) == whole


def test_a_truncated_segment_takes_appends_again():
    world = World()
    segment, positions = filled(world)
    segment.seal()
    held = segment.indexes
    assert segment.retreat(31) == 30
    segment.cut()
    assert segment.tail == (30, positions[10])
    check_places(segment, positions[:10])
    assert segment.indexes.latest_timestamp == 1009
    assert held.offsets.floor(20) is not None
    view = batch(5)
    stamp(view, 0, 30, 0)
    segment.append([view], 30, 35, 5000)
    assert segment.locate(34) == (30, positions[10])
    segment.seal()
    assert reopened(world, segment).indexes.latest_timestamp == 5000


def test_a_segment_can_be_cut_to_nothing():
    segment, _ = filled(World())
    assert segment.retreat(2) == 0
    segment.cut()
    assert segment.tail == (0, 0)
    assert not segment.is_full(LogConfig(segment_bytes=61), 100, 5, 0, 0)


def test_the_end_of_a_range_is_the_end_of_a_batch():
    segment, positions = filled(World())
    ends = [*positions[1:], segment.size_bytes]
    last = segment.size_bytes
    for limit in (0, 1, 200, 450, 3000, last - 1):
        end = segment.end_of_batches(positions[3], positions[3] + limit, last)
        assert end in ends
        assert end <= max(positions[3] + limit, positions[4])
    assert segment.end_of_batches(0, last, last) == last
    assert segment.end_of_batches(0, last + 5, positions[7]) == positions[7]


def test_the_end_of_a_range_is_found_without_memory_of_the_tail():
    world = World()
    segment, positions = filled(world)
    segment.seal()
    again = reopened(world, segment)
    ends = [*positions[1:], segment.size_bytes]
    for limit in range(1, segment.size_bytes, 97):
        end = again.end_of_batches(0, limit, segment.size_bytes)
        assert end in ends
        assert end <= max(limit, positions[1])
        assert end > limit - 700 or end == positions[1]


def test_it_is_full_by_size():
    segment, _ = filled(World(), 1)
    config = LogConfig(segment_bytes=segment.size_bytes + 100)
    assert not segment.is_full(config, 100, 5, -1, 0)
    assert segment.is_full(config, 101, 5, -1, 0)
    assert not World().segment().is_full(config, 10_000, 5, -1, 0)


def test_it_is_full_by_the_age_of_its_records():
    world = World()
    segment = world.segment()
    view = batch(timestamp_ms=10_000)
    segment.append([view], 0, 1, 10_000)
    config = LogConfig(segment_ms=500)
    assert not segment.is_full(config, 1, 2, 10_500, 10**9)
    assert segment.is_full(config, 1, 2, 10_501, 0)


def test_it_is_full_by_the_clock_when_records_have_no_time():
    segment = World().segment()
    segment.append([batch(timestamp_ms=10_000)], 0, 1, 10_000)
    config = LogConfig(segment_ms=500)
    assert not segment.is_full(config, 1, 2, -1, 500)
    assert segment.is_full(config, 1, 2, -1, 501)


def test_it_is_full_by_index_entries_and_by_offsets():
    segment, _ = filled(World())
    entries = len(segment.indexes.offsets)
    assert segment.is_full(LogConfig(segment_index_entries=entries), 1, 200, -1, 0)
    assert not segment.is_full(LogConfig(segment_index_entries=entries + 1), 1, 200, -1, 0)
    assert not segment.is_full(LogConfig(), 1, RELATIVE_OFFSET_LIMIT + 1, -1, 0)
    assert segment.is_full(LogConfig(), 1, RELATIVE_OFFSET_LIMIT + 2, -1, 0)


def test_a_leftover_of_a_failed_rotation_is_emptied():
    world = World()
    world.replace(f"{0:020d}.log", b"garbage")
    segment = world.segment()
    assert segment.size_bytes == segment.store.file.size() == 0


def with_gaps(world):
    """A segment of 10 batches of one record each at the offsets 5, 15, 25 ..., and their positions."""
    segment = world.segment(0)
    positions = []
    for offset in range(5, 105, 10):
        view = batch(1, timestamp_ms=1000 + offset)
        stamp(view, 0, offset, 0)
        positions.append(segment.size_bytes)
        segment.append([view], offset, offset + 1, 1000 + offset)
    segment.seal()
    return segment, positions


def test_an_offset_that_compaction_took_away_leads_to_the_next_batch():
    segment, positions = with_gaps(World())
    for number, position in enumerate(positions):
        for offset in range(max(0, number * 10 - 4), number * 10 + 6):
            assert segment.locate(offset) == (number * 10 + 5, position)


def test_a_boundary_in_a_gap_is_the_end_of_the_batch_before():
    segment, positions = with_gaps(World())
    assert segment.boundary(3) == segment.boundary(5) == (0, 0)
    for number in range(1, 10):
        for offset in (number * 10 - 4, number * 10, number * 10 + 5):
            assert segment.boundary(offset) == (number * 10 - 4, positions[number])
    assert segment.retreat(50) == 46
    assert segment.tail == (46, positions[5])


def test_indexes_of_a_segment_that_begins_with_a_gap_are_whole():
    world = World()
    segment = world.segment(0, interval_bytes=4096)
    view = batch(1, timestamp_ms=1000)
    stamp(view, 0, 7, 0)
    segment.append([view], 7, 8, 1000)
    segment.seal()
    before = {name: world.content(name) for name in world.names("idx")}
    again = Segment.sealed(world.backend(), 0, 8, 4096, created_ms=0)
    assert again.indexes.is_complete(8)
    assert {name: world.content(name) for name in world.names("idx")} == before
    assert not world.names(".deleted"), "they were rebuilt"


def test_a_retired_segment_is_read_without_its_names():
    world = World()
    segment, positions = filled(world)
    segment.seal()
    again = reopened(world, segment)
    again.retire()
    for name in world.names():
        world.disk.unlink(f"{world.path}/{name}")
    check_places(again, positions)
    assert again._repair(again.indexes)
    check_places(again, positions)
    assert not world.names(), "it made files"
