"""Many logs in two data directories through a stop at every file operation of making, writing, resting and deleting them.

What was created and acknowledged is there with its records, what was deleted is not, and no log fails to open.
"""

from __future__ import annotations

import pytest

from cordwood.env.dice import SeededDice
from cordwood.log.config import LogConfig
from cordwood.log.manager import LogManager
from cordwood.model.ids import TopicPartition
from cordwood.sim.disk import SimDisk
from cordwood.sim.flusher import SimFlusher
from cordwood.sim.stops import Stop, stops

DIRECTORIES = ("/sim/one", "/sim/two")
NAMES = tuple(TopicPartition(topic, number) for topic in ("a", "b-c") for number in range(2))
CONFIG = LogConfig(segment_bytes=400)


def open_manager(disk: SimDisk, flusher: SimFlusher) -> LogManager:
    """Opens all there is."""
    return LogManager.open(DIRECTORIES, disk=disk, clock=flusher.clock, flusher=flusher, config_for=lambda name: CONFIG)


class Life:
    """A manager, and what it answered."""

    def __init__(self, seed: int) -> None:
        self.dice = SeededDice(seed)
        self.disk = SimDisk(SeededDice(seed))
        self.flusher = SimFlusher()
        self.topics = 0
        self.expected: dict[TopicPartition, tuple[bytes, list[bytes]]] = {}
        """The topic's id and the acknowledged values of each log that was touched: others need not be there."""
        self.in_flight: TopicPartition | None = None
        """The log that is being created, written to or deleted: it may be as before or as after."""

    def run(self, steps: int) -> None:
        """Creates, writes, deletes, checkpoints and restarts."""
        manager = open_manager(self.disk, self.flusher)
        for _ in range(steps):
            name = NAMES[self.dice.below(len(NAMES))]
            self.in_flight = name
            self.act(manager, name)
            self.in_flight = None
            if self.dice.below(6) == 0:
                self.flusher.pending.run()
            if self.dice.below(8) == 0:
                manager.checkpoint()
            if self.dice.below(8) == 0:
                manager.close()
                manager = open_manager(self.disk, self.flusher)
        manager.close()

    def act(self, manager: LogManager, name: TopicPartition) -> None:
        """Does something with one log."""
        log = manager.get(name)
        if log is None:
            self.topics += 1
            topic_id = self.topics.to_bytes(16, "big")
            if self.dice.below(2) == 0:
                manager.create(name, CONFIG, topic_id)
                self.expected[name] = topic_id, []
            else:
                manager.adopt_all([name], CONFIG, topic_id)
        elif name in self.expected and self.dice.below(4) == 0:
            log.checkpoint()
            log.rest()
        elif self.dice.below(4) == 0:
            manager.delete(name)
            self.expected.pop(name, None)
        else:
            values = [self.dice.token(self.dice.below(100)) for _ in range(3)]
            log.append_many(values)
            self.expected.setdefault(name, (log.topic_id, []))[1].extend(values)


class Examiner:
    """Opens all logs at every stop."""

    def __init__(self, life: Life, seed: int) -> None:
        self.life = life
        self.dice = SeededDice(seed + 1000)
        self.count = 0

    def examine(self, stop: Stop) -> None:
        """Looks, and now and then stops the opening, too."""
        if self.dice.below(30) == 0:
            with stops(fork := stop.disk.fork(), self.dice, self.look):
                open_manager(fork, SimFlusher()).close()
        self.look(stop)

    def look(self, stop: Stop) -> None:
        """Everything that was answered is so, whether or not the manager is asked once more to do what was under way."""
        self.count += 1
        flusher = SimFlusher()
        manager = open_manager(stop.disk, flusher)
        assert not manager.failed, manager.failed
        self.check(manager)
        if self.life.in_flight is not None:
            manager.create(self.life.in_flight, CONFIG).append(b"again")
        flusher.pending.run()
        manager.close()

    def check(self, manager: LogManager) -> None:
        """Compares what is there with what was answered."""
        certain = {name for name in self.life.expected if name != self.life.in_flight}
        assert certain <= manager.logs.keys() <= {*self.life.expected, self.life.in_flight}
        for name, (topic_id, values) in self.life.expected.items():
            log = manager.get(name)
            if log is not None:
                found = [record.value for record in log.read()]
                assert found[: len(values)] == values
                assert name == self.life.in_flight or len(found) == len(values)
                assert name == self.life.in_flight or log.topic_id == topic_id


@pytest.mark.parametrize("seed", range(4))
def test_logs_are_there_or_not_as_it_was_answered(seed):
    life = Life(seed)
    examiner = Examiner(life, seed)
    with stops(life.disk, examiner.dice, examiner.examine):
        life.run(14)
    assert examiner.count > 100
