"""Logs that go back and forth between two data directories, through a stop at every file operation.

Whatever was acknowledged is there once, in one of the two, and nothing else is.
"""

from __future__ import annotations

import pytest

from cordwood.env.dice import SeededDice
from cordwood.log.config import LogConfig
from cordwood.log.log import Log
from cordwood.log.manager import LogManager
from cordwood.model.ids import TopicPartition
from cordwood.sim.disk import SimDisk
from cordwood.sim.flusher import SimFlusher
from cordwood.sim.stops import Stop, stops

DIRECTORIES = ("/sim/one", "/sim/two")
NAME = TopicPartition("orders", 0)
TOPIC_ID = b"0123456789abcdef"
CONFIG = LogConfig(segment_bytes=400)


def open_manager(disk: SimDisk, flusher: SimFlusher) -> LogManager:
    return LogManager.open(DIRECTORIES, disk=disk, clock=flusher.clock, flusher=flusher, config_for=lambda name: CONFIG)


class Life:
    """A log that is written to and moves, and what was acknowledged of it."""

    def __init__(self, seed: int) -> None:
        self.dice = SeededDice(seed)
        self.disk = SimDisk(SeededDice(seed))
        self.flusher = SimFlusher()
        self.values: list[bytes] = []
        self.begun = False

    def run(self, moves: int) -> None:
        manager = open_manager(self.disk, self.flusher)
        log = manager.create(NAME, CONFIG, TOPIC_ID)
        self.begun = True
        for _ in range(moves):
            self.write(log)
            here = manager.directory_of(NAME)
            (there,) = (directory for directory in DIRECTORIES if directory != here)
            move = manager.move(NAME, there)
            while move.copy():
                self.write(log)
            if self.dice.below(3) == 0:
                move.abandon()
                continue
            self.write(log)
            manager.arrive(NAME, move)
            assert manager.directory_of(NAME) == there
            self.write(log)
            if self.dice.below(2) == 0:
                self.flusher.pending.run()
            if self.dice.below(3) == 0:
                manager.close()
                manager = open_manager(self.disk, self.flusher)
                found = manager.get(NAME)
                assert found is not None
                log = found
        manager.close()

    def write(self, log: Log) -> None:
        """Appends, and waits until it is durable."""
        for _ in range(self.dice.below(4)):
            value = self.dice.token(self.dice.below(100))
            log.append(value)
            log.sync()
            self.values.append(value)


@pytest.mark.parametrize("seed", range(2))
def test_a_log_is_in_one_place_with_all_that_was_acknowledged(seed: int) -> None:
    life, dice, looked = Life(seed), SeededDice(seed + 1000), 0

    def look(stop: Stop) -> None:
        nonlocal looked
        looked += 1
        flusher = SimFlusher()
        manager = open_manager(stop.disk, flusher)
        assert not manager.failed, manager.failed
        log = manager.get(NAME)
        assert log is not None or not life.begun
        if log is not None:
            found = [record.value for record in log.read()]
            assert found[: len(life.values)] == life.values
            assert len(found) <= len(life.values) + 1, "at most the one that was being written"
            log.append(b"again")
        flusher.pending.run()
        manager.close()
        held = [directory for directory in DIRECTORIES if str(NAME) in stop.disk.list(directory)]
        assert len(held) == (log is not None)
        assert not any(entry.endswith("-moving") for directory in DIRECTORIES for entry in stop.disk.list(directory))

    with stops(life.disk, dice, look):
        life.run(4)
    assert looked > 100
