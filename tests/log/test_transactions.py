"""Markers in a log: what they end, what they abort, and what of that survives."""

from __future__ import annotations

import pytest

from cordwood.env.dice import SeededDice
from cordwood.model.errors import InvalidBatch, InvalidProducerEpoch, OutsideOfTransaction, TransactionCoordinatorFenced
from cordwood.records.batch import batches, parse_header
from cordwood.records.control import Marker, MarkerType, marker_of
from cordwood.sim.disk import SimDisk
from cordwood.sim.stops import stops
from tests.log.kit import SMALL, World, batch, produced, values

ABORT, COMMIT = MarkerType.ABORT, MarkerType.COMMIT


def sent(log, producer_id=7, sequence=0, count=2, epoch=0):
    return log.append_batch(produced(producer_id, epoch, sequence, count, transactional=True), 0).base_offset


def test_a_marker_is_a_control_batch_that_takes_an_offset():
    log = World().open()
    sent(log)
    assert log.append_marker(7, 0, COMMIT, 3, 5)[:2] == (2, 3)
    found = log.read_range(2, 1000)
    data = found.file.read(found.end - found.start, found.start)
    header = parse_header(data)
    assert (header.producer_id, header.producer_epoch, header.leader_epoch, header.base_offset) == (7, 0, 5, 2)
    assert marker_of(data, header) == Marker(COMMIT, 3)
    assert log.epochs.latest == 5
    assert [offset for offset, _ in values(log)] == [0, 1]


def test_what_is_undecided_and_what_was_aborted():
    log = World().open()
    assert log.first_undecided_offset() is None
    sent(log)
    sent(log, 8)
    assert log.first_undecided_offset() == 0
    log.append_marker(7, 0, ABORT, 0, 0)
    assert log.first_undecided_offset() == 2
    log.append_marker(8, 0, COMMIT, 0, 0)
    assert log.first_undecided_offset() is None
    assert log.aborted_in(0, 6) == [(7, 0)]
    assert log.aborted_in(5, 6) == []
    sent(log, sequence=2)
    log.append_marker(7, 0, ABORT, 0, 0)
    log.append_marker(7, 0, ABORT, 0, 0)
    assert log.aborted_in(0, 10) == [(7, 0), (7, 6)]


def test_markers_that_are_fenced_are_not_written():
    log = World().open()
    sent(log, epoch=1)
    with pytest.raises(InvalidProducerEpoch):
        log.append_marker(7, 0, COMMIT, 0, 0)
    log.append_marker(7, 1, COMMIT, 4, 0)
    with pytest.raises(TransactionCoordinatorFenced):
        log.append_marker(7, 1, COMMIT, 3, 0)
    assert log.end_offset == 3


def test_a_late_marker_of_version_2_ends_nothing():
    log = World().open()
    sent(log)
    log.append_marker(7, 1, COMMIT, 0, 0, transaction_version=2)
    log.append_marker(7, 1, COMMIT, 0, 0, transaction_version=2)
    sent(log, epoch=1)
    with pytest.raises(InvalidProducerEpoch):
        log.append_marker(7, 1, COMMIT, 0, 0, transaction_version=2)
    assert log.first_undecided_offset() == 4
    log.append_marker(7, 2, ABORT, 0, 0, transaction_version=2)
    assert log.aborted_in(0, 10) == [(7, 4)]


def test_who_may_append_what():
    log = World().open()
    own = {"producer_id": 7, "producer_epoch": 0, "transactional": True}
    with pytest.raises(InvalidBatch):
        log.append_batch(batch(1, **own), 0)
    assert log.append_batch(batch(1, **own), 0, is_own=True).base_offset == 0
    assert log.append_batch(batch(1, **own), 0, is_own=True).base_offset == 1
    with pytest.raises(OutsideOfTransaction):
        log.append_batch(produced(7, 1, 0), 0)
    log.append_marker(7, 1, COMMIT, 0, 0)
    with pytest.raises(InvalidProducerEpoch):
        log.append_batch(batch(1, **own), 0, is_own=True)


def test_what_is_deleted_is_no_more_undecided():
    log = World(SMALL).open()
    sent(log, count=9)
    log.append_many([b"."] * 9)
    log.truncate_before(5)
    assert log.first_undecided_offset() == 5


@pytest.mark.parametrize("ends", ["close", "abandon", "checkpoint"])
def test_everything_is_known_again_at_the_next_opening(ends):
    world, log = lived(40)
    log.checkpoint()
    more(log, 40, 60)
    expected = log.aborted_between(0, log.end_offset)
    undecided = log.first_undecided_offset()
    assert undecided is not None
    assert len(expected) == 30
    getattr(log, ends)()
    log = world.open()
    assert log.aborted_between(0, log.end_offset) == expected
    assert log.first_undecided_offset() == undecided
    log.close()
    assert world.open().aborted_between(0, 10_000) == expected


@pytest.mark.parametrize("part", [0.2, 0.5, 0.95])
def test_truncation_opens_what_it_cut_the_end_of(part):
    world, log = lived(40)
    before = log.aborted_between(0, log.end_offset)
    log.checkpoint()
    end = log.truncate(round(log.end_offset * part))
    assert log.aborted_between(0, 10_000) == [row for row in before if row.last_offset < end]
    sent(log, 99)
    log.append_marker(99, 0, ABORT, 0, 0)
    rows = log.aborted_between(0, 10_000)
    assert rows[-1].producer_id == 99
    log.abandon()
    log = world.open()
    assert log.aborted_between(0, 10_000) == rows
    log.close()
    assert world.open().aborted_between(0, 10_000) == rows


def test_files_go_with_their_segments():
    world, log = lived(40)
    log.checkpoint()
    assert len(world.names(".txnidx")) > 4
    middle = log.segments[3].base_offset
    rows = [row for row in log.aborted_between(0, 10_000) if row.last_offset >= middle]
    log.truncate_before(middle)
    assert log.aborted_between(0, 10_000) == rows
    assert min(world.names(".txnidx")) >= f"{middle:020d}"
    log.close()
    assert world.open().aborted_between(0, 10_000) == rows


def test_a_damaged_file_is_made_again():
    world, log = lived(40)
    rows = log.aborted_between(0, 10_000)
    log.close()
    whole = {name: world.content(name) for name in world.names(".txnidx")}
    for name in whole:
        world.replace(name, b"rubbish")
    log = world.open()
    assert log.aborted_between(0, 10_000) == rows
    log.close()
    assert {name: world.content(name) for name in world.names(".txnidx")} == whole


@pytest.mark.parametrize("reads", [False, True])
def test_a_lost_file_is_missed_at_the_opening_and_made_again(reads):
    world, log = lived(40)
    rows = log.aborted_between(0, 10_000)
    log.close()
    whole = {name: world.content(name) for name in world.names(".txnidx")}
    assert len(whole) > 4
    for name in whole:
        world.disk.unlink(f"{world.path}/{name}")
    for _ in range(2):  # Until somebody closes the log, each opening misses them.
        log = world.open()
        assert log.has_news
        assert not reads or log.aborted_between(0, 10_000) == rows
        log.abandon()
    world.open().close()
    assert {name: world.content(name) for name in world.names(".txnidx")} == whole


def test_nothing_is_missed_where_retention_or_a_cut_took_it():
    world, log = lived(40)
    log.checkpoint()
    log.truncate_before(log.segments[2].base_offset)
    log.truncate(log.segments[-3].base_offset)
    log.abandon()
    log = world.open()
    expected = log.aborted_between(0, 10_000)
    log.close()
    before = world.names(".txnidx")
    log = world.open()
    assert not log.has_news
    assert log.aborted_between(0, 10_000) == expected
    assert world.names(".txnidx") == before


def lived(count):
    """A log of small segments with transactions, of which every second is aborted and the last stays open."""
    world = World(SMALL)
    log = world.open()
    more(log, 0, count)
    return world, log


def more(log, start, end):
    for number in range(start, end):
        sent(log, 7, sequence=2 * number)
        if number == end - 1:
            sent(log, 8, epoch=number)
        log.append_marker(7, 0, ABORT if number % 2 else COMMIT, 0, 0)


@pytest.mark.parametrize("max_bytes", [1, 300, 700, 100_000])
def test_what_a_reader_is_told_fits_what_it_gets(max_bytes):
    _, log = lived(40)
    rows = log.aborted_between(0, log.end_offset)
    offset = 0
    while (found := log.read_range(offset, max_bytes)) is not None:
        headers = [header for header, _ in batches(found.file.view(found.start, found.end))]
        expected = [row for row in rows if row.last_offset >= offset and row.first_offset < headers[-1].next_offset]
        assert log.aborted_within(offset, found) == [(row.producer_id, row.first_offset) for row in expected]
        offset = headers[-1].next_offset
    assert offset == log.end_offset


def test_nobody_is_told_anything_where_nothing_was_aborted():
    log = World().open()
    sent(log)
    assert log.aborted_within(0, log.read_range(0, 1000)) == []


# Stops at every operation.


def said_by_batches(log):
    """What a walk over all batches finds: where the open transactions begin, and what was aborted of what is there."""
    begun, aborted = {}, {}
    for segment in log.segments:
        for position, header in segment.store.headers(0, segment.size_bytes):
            if header.is_control:
                marker = marker_of(segment.store.file.read(header.size_bytes, position), header)
                begin = begun.pop(header.producer_id, None)
                if begin is not None and marker.type is ABORT:
                    aborted[header.base_offset] = header.producer_id, begin
            elif header.is_transactional:
                begun.setdefault(header.producer_id, header.base_offset)
    return min(begun.values(), default=None), aborted


def check_against_batches(log):
    """The log knows what its batches say; of what was cut off at its beginning it may know more."""
    undecided, aborted = said_by_batches(log)
    rows = {row.last_offset: (row.producer_id, row.first_offset) for row in log.aborted_between(0, log.end_offset)}
    first = log.segments[0].base_offset
    assert {at: row for at, row in rows.items() if at in aborted or row[1] >= first} == {
        at: (producer_id, min(begin, rows[at][1])) for at, (producer_id, begin) in aborted.items()
    }
    known = log.first_undecided_offset()
    assert known == undecided or (known is not None and known <= max(first, log.start_offset))


@pytest.mark.parametrize("seed", range(3))
def test_a_stop_at_every_operation(seed):
    dice, looked_at = SeededDice(seed), []
    world = World(SMALL, SimDisk(SeededDice(seed)), "/sim/log")
    world.clock.advance(1000)
    log = world.open()

    def examine(stop):
        looked_at.append(stop)
        again = World(SMALL, stop.disk, "/sim/log")
        found = again.open()
        check_against_batches(found)
        found.append_marker(50, 0, ABORT, 0, 0)
        for producer_id, producer in found.producers:
            found.append_marker(producer_id, producer.epoch, ABORT, 9, 0)
        assert found.first_undecided_offset() is None
        found.close()
        check_against_batches(again.open())

    with stops(world.disk, SeededDice(seed + 100), examine):
        sequences = [0, 0, 0]
        for step in range(60):
            producer_id = dice.below(3)
            if dice.below(3):
                log.append_batch(produced(producer_id, 0, sequences[producer_id], 2, transactional=True), 0)
                sequences[producer_id] += 2
            else:
                log.append_marker(producer_id, 0, MarkerType(dice.below(2)), 0, 0)
            if step % 15 == 9:
                log.checkpoint()
            if step % 20 == 17:
                log.truncate(max(log.start_offset, log.end_offset - dice.below(15)))
                sequences = [1 + sequence_of(log, number) for number in range(3)]
            if step % 25 == 22:
                log.truncate_before(log.start_offset + dice.below((log.end_offset - log.start_offset) // 3))
            check_against_batches(log)
    assert len(looked_at) > 100


def sequence_of(log, producer_id):
    producer = log.producers.find(producer_id)
    return producer.batches[-1].last_sequence if producer is not None and producer.batches else -1
