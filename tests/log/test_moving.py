"""A log goes to another directory with all that it knows, while it is written to and read."""

from __future__ import annotations

from typing import Any

import pytest

from cordwood.env.memory_disk import MemoryDisk
from cordwood.log import moving
from cordwood.log.log import Log
from cordwood.log.moving import LogMove
from cordwood.model.errors import LogClosed, StorageFailed
from cordwood.records.control import MarkerType
from cordwood.sim.disk import SimDisk
from cordwood.sim.faults import Fault, Operation
from tests.log.kit import SMALL, World, batch, produced, values

MADE = Operation.SYNC_DIRECTORY, "/other"
"""Where a directory was made it is synced once, too."""
TARGET, COPY, DOOMED = "/other/log", "/other/.1-moving", "/mem/.2-delete"


class Moving(World):
    """A world with a second directory."""

    def __init__(self, config: Any = SMALL, disk: Any = None) -> None:
        super().__init__(config, disk or MemoryDisk())
        self.disk.make_directory("/other")

    def move_of(self, log: Log) -> LogMove:
        return LogMove(log, TARGET, COPY, self.disk)

    def reopened(self) -> Log:
        """What the next start finds in the new place."""
        self.path = TARGET
        return self.open()


def test_everything_comes_along_and_goes_on():
    world = Moving()
    log = world.open()
    for number in range(30):
        log.append_batch(produced(7, 0, number), 3)
    log.truncate_before(5)
    before = values(log)
    move = world.move_of(log)
    while move.copy():
        pass
    move.switch(DOOMED)
    assert log.path == TARGET
    assert values(log) == before
    assert (log.start_offset, log.end_offset, log.epochs.entries) == (5, 30, ((3, 5),))
    assert log.append_batch(produced(7, 0, 29), 3).duplicate, "what producers sent is known there"
    log.append_batch(produced(7, 0, 30), 3)
    log.sync()
    log.close()
    assert [offset for offset, _ in values(world.reopened())] == list(range(5, 31))
    assert world.disk.exists(DOOMED)
    assert not world.disk.exists(world.path.replace(TARGET, "/mem/log"))


def test_what_is_appended_between_rounds_is_brought_over(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(moving, "ROUND_BYTES", 400)
    monkeypatch.setattr(moving, "CHUNK_BYTES", 70)
    world = Moving()
    log = world.open()
    for start in range(0, 20, 2):
        log.append_batch(batch(2, start=start), 0)
    move = world.move_of(log)
    rounds = 0
    while move.copy() and rounds < 100:
        if rounds < 5:
            log.append_batch(batch(1, start=99), 0)
        rounds += 1
    assert rounds > 5
    assert (move.copied_offset, move.offset_lag, move.copied_bytes) == (25, 0, log.size_bytes)
    log.append_batch(batch(1, start=100), 0)
    assert move.offset_lag == 1
    before = values(log)
    move.switch(DOOMED)
    assert values(log) == before
    log.close()
    assert values(world.reopened()) == before


def test_transactions_come_along():
    world = Moving()
    log = world.open()
    for producer in (7, 8):
        log.append_batch(produced(producer, 0, 0, transactional=True), 0)
    log.append_marker(7, 0, MarkerType.ABORT, 1, 0)
    move = world.move_of(log)
    move.switch(DOOMED)
    assert log.first_undecided_offset() == 1
    log.append_marker(8, 0, MarkerType.COMMIT, 1, 0)
    assert log.first_undecided_offset() is None
    assert [start for _, start in log.aborted_in(0, log.end_offset)] == [0]
    log.close()
    assert len(values(world.reopened())) == 2


def test_a_log_that_rests_or_was_never_touched_moves():
    world = Moving()
    log = world.open()
    log.append_batch(batch(3), 0)
    log.checkpoint()
    assert log.rest()
    move = world.move_of(log)
    assert not move.copy()
    log.checkpoint()
    log.rest()
    move.switch(DOOMED)
    assert len(values(log)) == 3


def test_a_reader_goes_on_with_what_it_has():
    world = Moving()
    log = world.open()
    log.append_batch(batch(3), 0)
    found = log.read_range(log.start_offset, 1 << 20)
    assert found is not None
    view = found.file.view(found.start, found.end)
    before = bytes(view)
    world.move_of(log).switch(DOOMED)
    assert bytes(view) == before == bytes(found.file.view(found.start, found.end))


def test_a_log_that_was_cut_is_copied_anew():
    world = Moving()
    log = world.open()
    log.append_batch(batch(5), 0)
    log.append_batch(batch(5, start=5), 0)
    move = world.move_of(log)
    move.copy()
    log.truncate(5)
    log.append_batch(batch(5, start=50), 0)
    before = values(log)
    move.switch(DOOMED)
    assert values(log) == before


def test_segments_that_went_are_not_brought_over():
    world = Moving()
    log = world.open()
    for start in range(0, 60, 5):
        log.append_batch(batch(5, start=start), 0)
    move = world.move_of(log)
    move.copy()
    log.truncate_before(40)
    before = values(log)
    move.switch(DOOMED)
    assert values(log) == before
    assert len(world.disk.list(TARGET)) < 40


def test_a_segment_may_go_while_it_is_copied(monkeypatch: pytest.MonkeyPatch):
    world = Moving()
    log = world.open()
    for start in range(0, 200, 5):
        log.append_batch(batch(5, start=start), 0)
    move = world.move_of(log)
    open_file, second = world.disk.open, log.segments[1].path

    def open_late(path: str, *, create: bool = False) -> Any:
        if path == second:
            monkeypatch.setattr(world.disk, "open", open_file)
            log.truncate_before(150)
        return open_file(path, create=create)

    monkeypatch.setattr(world.disk, "open", open_late)
    move.copy()
    assert not world.disk.exists(second)
    before = values(log)
    move.switch(DOOMED)
    assert values(log) == before


def test_a_file_that_cannot_be_read_ends_the_round():
    disk = SimDisk()
    world = Moving(disk=disk)
    log = world.open()
    log.append_batch(batch(5), 0)
    disk.faults.fail(Fault(Operation.READ, suffix=f"{0:020d}.log"))
    with pytest.raises(StorageFailed):
        world.move_of(log).copy()


def test_an_abandoned_move_leaves_nothing():
    world = Moving()
    log = world.open()
    log.append_batch(batch(5), 0)
    move = world.move_of(log)
    move.copy()
    move.abandon()
    move.abandon()
    assert world.disk.list("/other") == []
    assert log.path == "/mem/log"
    assert len(values(log)) == 5


def test_a_closed_log_does_not_move():
    world = Moving()
    log = world.open()
    log.append_batch(batch(5), 0)
    move = world.move_of(log)
    log.close()
    with pytest.raises(LogClosed):
        move.switch(DOOMED)


@pytest.mark.parametrize(
    ("operation", "path", "writes_on"),
    [
        (Operation.MAKE_DIRECTORY, COPY, True),
        (Operation.WRITE, f"{COPY}/partition.meta", True),
        (Operation.DATASYNC, f"{COPY}/{0:020d}.log", True),
        (Operation.SYNC_DIRECTORY, COPY, True),
        (Operation.RENAME, COPY, False),
        (Operation.SYNC_DIRECTORY, "/other", False),
        (Operation.RENAME, "/mem/log", False),
        (Operation.SYNC_DIRECTORY, "/mem", False),
    ],
)
def test_a_disk_that_fails_on_the_way(operation: Operation, path: str, writes_on: bool):
    """Before the copy has its name nothing has changed; afterwards nothing is appended to either of the two."""
    disk = SimDisk()
    world = Moving(disk=disk)
    log = world.open()
    log.append_batch(batch(5), 0)
    move = world.move_of(log)
    disk.faults.fail(Fault(operation, suffix=path, skip=1 if (operation, path) == MADE else 0))
    with pytest.raises(StorageFailed):
        move.switch(DOOMED)
    assert len(values(log)) == 5
    if writes_on:
        log.append_batch(batch(1, start=5), 0)
        move.switch(DOOMED)
        assert len(values(log)) == 6
    else:
        with pytest.raises(StorageFailed):
            log.append_batch(batch(1, start=5), 0)
