"""What the batches say of producers and transactions, read once more."""

from __future__ import annotations

import pytest

from cordwood.log.replay import find_aborted, marker_at, rebuild_producers
from cordwood.log.segments import Segments
from cordwood.records.batch import parse_header
from cordwood.records.control import Marker, MarkerType
from tests.log.kit import SMALL, World, batch, produced


def lived():
    """A log of several segments, in which three producers commit and abort in turn."""
    world = World(SMALL)
    log = world.open()
    for number in range(12):
        for producer_id in (1, 2, 3):
            log.append_batch(produced(producer_id, number, 0, 2, transactional=True), 0)
        for producer_id in (2, 1, 3)[: 3 if number < 11 else 2]:
            kind = MarkerType.ABORT if (number + producer_id) % 2 else MarkerType.COMMIT
            log.append_marker(producer_id, number, kind, number, 0)
    return world, log


@pytest.mark.parametrize("part", [0, 0.3, 0.5, 0.9, 1])
def test_any_part_says_the_same_as_the_whole(part):
    world, log = lived()
    assert log.segment_count > 3
    rows = log.aborted_between(0, log.end_offset)
    assert len(rows) == 18
    start = round(log.end_offset * part)
    found = find_aborted(world.disk, world.backend(), Segments(log.segments), start, log.end_offset)
    assert [row for _, row in found] == [row for row in rows if row.last_offset >= start]
    bases = [segment.base_offset for segment in log.segments]
    assert all(max(base for base in bases if base <= row.last_offset) == base for base, row in found)


def test_producers_are_what_they_were():
    world, log = lived()
    log.checkpoint()
    for name in world.names(".snapshot")[::2]:
        world.replace(name, b"rubbish")
    table = rebuild_producers(world.disk, world.backend(), Segments(log.segments), log.end_offset, 0)
    for producer_id, producer in log.producers:
        found = table.find(producer_id)
        assert (found.epoch, found.batches, found.transaction_start, found.coordinator_epoch) == (
            producer.epoch,
            producer.batches,
            producer.transaction_start,
            producer.coordinator_epoch,
        )
    assert table.first_undecided == log.first_undecided_offset() is not None


def test_only_a_marker_ends_a_transaction():
    _, log = lived()
    header, data = first_marker(log)
    assert marker_at(data, header) == Marker(MarkerType.COMMIT, 0)
    plain = batch(1)
    assert marker_at(plain, parse_header(plain)) is None
    strange = batch(1, producer_id=1, control=True)
    assert marker_at(strange, parse_header(strange)) is None, "a control record of another kind"


def first_marker(log):
    for segment in log.segments:
        for position, header in segment.store.headers(0, segment.size_bytes):
            if header.is_control:
                return header, segment.store.file.read(header.size_bytes, position)
    raise AssertionError("there is none")
