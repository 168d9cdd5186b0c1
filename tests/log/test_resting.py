"""Logs that rest and wake. Through crashes at every file operation they go in tests/sim, beside a list in tests/properties."""

from __future__ import annotations

import errno
import gc
import os
import threading
import tracemalloc
from functools import partial

import pytest

from cordwood.env.disk import VIEW_COPY_LIMIT_BYTES, LocalDisk
from cordwood.log.at_rest import UNMADE
from cordwood.log.config import LogConfig
from cordwood.log.epochs import EpochEnd
from cordwood.log.flusher import Flusher
from cordwood.log.log import Log
from cordwood.log.meta import META_NAME
from cordwood.model.errors import CorruptLog, LogClosed, OutOfFiles
from cordwood.records.control import MarkerType
from cordwood.sim.disk import SimDisk
from cordwood.sim.faults import Fault, Operation
from tests.log.kit import OS, SMALL, World, batch, produced, values


def rested(world, count=3):
    """A log with some records, at rest."""
    log = world.open()
    for _ in range(count):
        log.append_batch(batch(), 0)
    log.checkpoint()
    assert log.rest()
    return log


def test_what_is_asked_of_every_log_does_not_wake_it():
    world = World(SMALL)
    log = rested(world, 30)
    facts = log.at_rest
    assert facts.segment_count > 2
    log.assign_epoch(5)
    known = log.start_offset, log.end_offset, log.size_bytes, log.segment_count, log.synced_offset, log.recovery_point
    assert (log.topic_id, log.failure, log.has_news, log.is_closed) == (bytes(16), None, False, False)
    assert log.first_undecided_offset() is None
    assert log.end_offset_for_epoch(5) == EpochEnd(5, 30)
    assert repr(log) == "<Log /mem/log [0, 30)>"
    log.reconfigure(OS)
    log.sync()
    log.checkpoint()
    log.clean()
    log.forget_producers()
    assert log.retain(30).segments == 0
    assert log.rest()
    assert log.at_rest is facts
    assert log.facts() is facts
    log.wake()
    log.wake()
    assert log.at_rest is None
    assert known == (
        log.start_offset, log.end_offset, log.size_bytes, log.segment_count, log.synced_offset, log.recovery_point
    )  # fmt: skip
    assert log.end_offset_for_epoch(5) == EpochEnd(5, 30)
    assert log.end_offset_for_epoch(0) == EpochEnd(0, 30)


@pytest.mark.parametrize(
    "touch",
    [
        lambda log: log.append(b"more"),
        lambda log: log.append_batch(batch(), 1),
        lambda log: log.append_marker(7, 0, MarkerType.COMMIT, 0, 0),
        lambda log: values(log),
        lambda log: log.read_range(1, 100),
        lambda log: log.find_offset(timestamp_ms=0),
        lambda log: log.max_timestamp(),
        lambda log: log.end_offset_for_epoch(0),
        lambda log: log.truncate(2),
        lambda log: log.truncate_before(2),
        lambda log: log.producers.find(1),
        lambda log: log.segments,
    ],
)
def test_whoever_needs_a_part_wakes_it(touch):
    log = rested(World())
    touch(log)
    assert log.at_rest is None


def test_no_file_is_open_while_it_rests(tmp_path):
    world = World(SMALL, LocalDisk(), str(tmp_path / "log"))
    before = len(os.listdir("/proc/self/fd"))
    log = rested(world, 30)
    assert len(os.listdir("/proc/self/fd")) == before
    assert log.segment_count > 2
    assert len(values(log)) == 30
    assert len(os.listdir("/proc/self/fd")) > before


def test_what_it_knew_of_producers_it_knows_again():
    world = World()
    log = world.open()
    log.append_batch(produced(1, 0, 0, 2), 0)
    log.checkpoint()
    assert log.rest()
    assert log.append_batch(produced(1, 0, 0, 2), 0).duplicate
    assert log.append_batch(produced(1, 0, 2), 0).base_offset == 2


def test_producers_that_were_silent_for_long_are_forgotten_when_it_wakes():
    world = World(LogConfig(flush_policy="os", producer_expiry_ms=1000))
    log = world.open()
    log.append_batch(produced(1, 0, 0), 0)
    log.checkpoint()
    assert log.rest()
    world.clock.advance(1000)
    assert log.producers.find(1) is None


def test_a_log_with_something_to_do_does_not_rest():
    log = World(LogConfig(flush_policy="interval", flush_ms=10)).open()
    log.append(b"x")
    assert not log.rest(), "nothing of it is in a checkpoint"
    log.checkpoint()
    assert not log.rest(), "somebody promised a sync"
    log.sync()
    assert log.rest()


def test_an_open_transaction_keeps_it_awake():
    log = World().open()
    log.append_batch(produced(1, 0, 0, transactional=True), 0)
    log.checkpoint()
    assert not log.rest()
    log.append_marker(1, 0, MarkerType.ABORT, 0, 0)
    log.checkpoint()
    assert log.rest()
    assert len(log.aborted_between(0, 10)) == 1


def test_a_view_keeps_it_awake(tmp_path):
    """A cut has to know of the views (env.disk), and an open file knows of its own only."""
    world = World(LogConfig(flush_policy="os", max_message_bytes=1 << 22), LocalDisk(), str(tmp_path / "log"))
    log = world.open()
    log.append(bytes(VIEW_COPY_LIMIT_BYTES * 2))
    log.checkpoint()
    found = log.read_range(0, 1 << 22)
    view = found.file.view(found.start, found.end)
    assert not log.rest()
    view.release()
    del view, found
    assert log.rest()


def test_files_to_be_freed_keep_it_awake():
    world = World(LogConfig(flush_policy="os", segment_bytes=100, delete_delay_ms=100))
    log = world.open()
    for _ in range(3):
        log.append_batch(batch(), 0)
    log.truncate_before(2)
    log.checkpoint()
    assert not log.rest()
    world.clock.advance(100)
    log.clean()
    assert log.rest()


def test_a_reader_goes_on_while_it_goes_to_rest():
    log = rested(World(), 5)
    reader = log.read()
    first = next(reader)
    found = log.read_range(2, 1000)
    assert log.rest()
    assert [record.offset for record in (first, *reader)] == [0, 1, 2, 3, 4]
    assert found.file.read(found.end - found.start, found.start)


def test_retention_wakes_it_when_something_is_outlived():
    world = World(LogConfig(flush_policy="os", retention_ms=500))
    log = world.open()
    log.append(b"x", timestamp_ms=world.clock.now_ms())
    log.checkpoint()
    assert log.rest()
    world.clock.advance(500)
    assert log.retain(1).segments == 0
    assert log.at_rest is not None
    world.clock.advance(1)
    assert log.retain(1).segments == 1
    assert (log.start_offset, log.end_offset) == (1, 1)


def test_a_closed_or_abandoned_log_is_not_woken():
    for end in (Log.close, Log.abandon):
        log = rested(World())
        end(log)
        assert log.is_closed
        assert log.end_offset == 3
        with pytest.raises(LogClosed):
            log.append(b"x")
        with pytest.raises(LogClosed):
            log.read_range(0, 100)
        assert log.at_rest is not None


def test_there_is_no_attribute_beside_the_parts():
    log = rested(World())
    assert not hasattr(log, "nothing")
    assert log.at_rest is not None


def test_a_log_that_is_not_what_it_was_is_told():
    world = World()
    log = rested(world)
    world.store().truncate(70)
    with pytest.raises(CorruptLog):
        log.append(b"x")
    with pytest.raises(CorruptLog):
        values(log)
    assert log.at_rest is not None


def test_a_log_that_grew_while_it_rested_is_told():
    world = World()
    log = rested(world)
    with world.open() as other:
        other.append(b"who was that?")
    with pytest.raises(CorruptLog, match=r"ends at offset 4, but ended at 3"):
        log.wake()


def test_without_files_it_is_not_woken_and_can_be_later():
    world = World(disk=SimDisk(), path="/sim/log")
    log = rested(world)
    world.disk.faults.fail(Fault(Operation.OPEN, errno.EMFILE))
    with pytest.raises(OutOfFiles):
        log.append(b"x")
    assert log.failure is None
    assert log.append(b"x") == 3


def test_a_damaged_segment_keeps_it_awake():
    world = World(SMALL)
    log = rested(world, 30)
    log.wake()
    for name in world.names(".idx") + world.names(".timeidx"):
        world.disk.unlink(f"{world.path}/{name}")
    world.store().write([b"\xff" * 50], 100)
    assert not log.rest()
    assert log.append(b"x") == 30


# A log that was never touched.


def untouched(world, topic_id=b"t" * 16):
    path = f"{world.path}/orders-0"
    facts = UNMADE._replace(topic_id=topic_id)
    flusher = Flusher(world.background, world.clock)
    return Log.resting(path, world.config, facts, disk=world.disk, clock=world.clock, flusher=flusher)


def test_it_has_no_directory_until_it_is_touched():
    world = World()
    log = untouched(world)
    assert (log.end_offset, log.size_bytes, log.topic_id) == (0, 0, b"t" * 16)
    assert not world.disk.exists(log.path)
    assert log.append(b"x") == 0
    assert world.disk.exists(f"{log.path}/{META_NAME}")
    assert log.topic_id == b"t" * 16
    log.checkpoint()
    assert log.rest()
    assert log.at_rest.is_made
    assert values(log) == [(0, b"x")]


def test_it_is_closed_without_a_trace():
    world = World()
    log = untouched(world)
    log.close()
    assert not world.disk.exists(log.path)
    with pytest.raises(LogClosed):
        log.wake()


def test_what_a_log_takes_that_was_used_and_rests(tmp_path):
    """Next to nothing beside what one takes that was never touched."""
    logs = [untouched(World(disk=LocalDisk(), path=str(tmp_path / f"{number}"))) for number in range(100)]
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for log in logs:
            log.append(b"x")
            log.checkpoint()
        awake = tracemalloc.get_traced_memory()[0] - before
        assert all(log.rest() for log in logs)
        gc.collect()
        rested = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert rested < 500 * len(logs) < awake


# Threads.


def test_it_goes_to_rest_and_wakes_while_others_write_and_read(tmp_path):
    world = World(LogConfig(flush_policy="os", segment_bytes=5000), LocalDisk(), str(tmp_path / "log"))
    log = world.open()
    over = threading.Event()
    looked = threading.Condition()
    rests: list[bool] = []
    troubles: list[list[int]] = []

    def rest():
        while not over.is_set():
            log.checkpoint()
            with looked:
                rests.append(log.rest())
                looked.notify_all()

    def read():
        while not over.is_set():
            found = [record.offset for record in log.read()]
            if found != list(range(len(found))):
                troubles.append(found)

    threads = [threading.Thread(target=work) for work in (rest, read)]
    for thread in threads:
        thread.start()
    try:
        for number in range(300):
            assert log.append(b"%d" % number) == number
            if number % 20 == 0:
                with looked:
                    count = sum(rests)
                    assert looked.wait_for(partial(_is_more, rests, count), 30)
    finally:
        over.set()
        for thread in threads:
            thread.join()
    assert not troubles
    assert [record.value for record in log.read()] == [b"%d" % number for number in range(300)]
    log.close()


def _is_more(rests: list[bool], count: int) -> bool:
    return sum(rests) > count
