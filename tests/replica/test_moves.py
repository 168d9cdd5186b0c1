"""Moves of partitions between directories: one after the other, cancelled, refused, and failing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, cast

import pytest

from cordwood.env.background import Background
from cordwood.log.flusher import Flusher
from cordwood.log.manager import LogManager
from cordwood.model.errors import DiskFull, StorageFailed, UnknownTopic
from cordwood.model.ids import LeaderEpoch, TopicPartition
from cordwood.replica.directory import Directory
from cordwood.replica.moves import Moves
from cordwood.replica.partition import Partition
from cordwood.sim.background import SimBackground
from cordwood.sim.clock import SimClock
from cordwood.sim.disk import SimDisk
from cordwood.sim.faults import Fault, Operation
from tests.log.kit import SMALL, batch, values

ONE, TWO = "/sim/one", "/sim/two"
NAMES = (TopicPartition("a", 0), TopicPartition("b", 0))


class AtOnce:
    """Background work that is done within the call."""

    def __init__(self) -> None:
        self.before: Callable[[], None] = lambda: None
        """Called before each piece of work."""

    def submit(self, work: Callable[[], Any]) -> Future[Any]:
        self.before()
        future: Future[Any] = Future()
        try:
            future.set_result(work())
        except Exception as error:  # noqa: BLE001 - as an executor does
            future.set_exception(error)
        return future


class House:
    """Two directories with two partitions in the first one. Made in a running loop."""

    def __init__(self) -> None:
        self.disk = SimDisk()
        self.background = AtOnce()
        clock = SimClock()
        flusher = Flusher(SimBackground(), clock)
        self.manager = LogManager.open(
            (ONE, TWO), disk=self.disk, clock=clock, flusher=flusher, config_for=lambda name: SMALL
        )
        self.directories = {path: Directory(path, self.disk, 0, self._failed) for path in (ONE, TWO)}
        self.failed: list[str] = []
        self.rested: list[TopicPartition] = []
        self.resumed: list[TopicPartition] = []
        self._over = asyncio.Event()
        self.moves = Moves(
            self.manager,
            cast(Background, self.background),
            rest=lambda partition: self.rested.append(partition.name),
            resume=self._noted,
        )
        self.partitions = [self._partition(name, flusher) for name in NAMES]

    def _partition(self, name: TopicPartition, flusher: Flusher) -> Partition:
        log = self.manager.create(name, SMALL)
        directory = self.directories[self.manager.directory_of(name)]
        partition = Partition(name, log, directory, flusher, lambda call, *given: call(*given))
        partition.lead(LeaderEpoch(0))
        for start in range(0, 20, 5):
            partition.append_own(batch(5, start=start))
        return partition

    def _failed(self, directory: Directory) -> None:
        self.failed.append(directory.path)

    def there(self, partition: Partition) -> Directory:
        """The directory that the partition is not in."""
        (other,) = (one for one in self.directories.values() if one is not partition.directory)
        return other

    def _noted(self, partition: Partition) -> None:
        self.resumed.append(partition.name)
        self._over.set()

    async def done(self, count: int = 1) -> None:
        """Returns when so many moves have come to an end, whichever."""
        while len(self.resumed) < count:
            self._over.clear()
            await self._over.wait()


def in_a_loop(test: Callable[[House], Any]) -> None:
    async def run() -> None:
        await test(House())

    asyncio.run(run())


def test_partitions_go_one_after_the_other() -> None:
    async def test(house: House) -> None:
        before = [values(partition.log) for partition in house.partitions]
        targets = [house.there(partition) for partition in house.partitions]
        for partition, target in zip(house.partitions, targets, strict=True):
            house.moves.begin(partition, target)
            assert house.moves.concerns(partition.name)
        told = [(move.partition.name, move.copied_bytes, move.offset_lag) for move in house.moves.under_way()]
        assert told == [(NAMES[0], 0, 20), (NAMES[1], 0, 20)]
        await house.done(2)
        assert not house.moves.under_way()
        assert [partition.directory for partition in house.partitions] == targets
        assert [values(partition.log) for partition in house.partitions] == before
        assert [house.manager.directory_of(name) for name in NAMES] == [target.path for target in targets]
        assert house.rested == house.resumed == list(NAMES)

    in_a_loop(test)


def test_where_it_is_already_nothing_moves() -> None:
    async def test(house: House) -> None:
        partition = house.partitions[0]
        house.moves.begin(partition, partition.directory)
        assert not house.moves.under_way()

    in_a_loop(test)


@pytest.mark.parametrize("deleted", [False, True])
def test_a_move_that_is_not_wanted_any_more_leaves_nothing(deleted: bool) -> None:
    async def test(house: House) -> None:
        partition = house.partitions[0]
        home, there = partition.directory, house.there(partition)
        house.moves.begin(partition, there)
        steps = 0

        def give_up() -> None:
            nonlocal steps
            steps += 1
            if steps == 3:  # It is being copied.
                if deleted:
                    house.moves.give_up(partition.name)
                else:
                    house.moves.begin(partition, home)

        house.background.before = give_up
        await house.done()
        assert partition.directory is home
        assert house.manager.directory_of(partition.name) == home.path
        assert not any(entry.endswith("-moving") for entry in house.disk.list(there.path))

    in_a_loop(test)


def test_while_it_is_switched_appends_wait() -> None:
    async def test(house: House) -> None:
        partition = house.partitions[0]
        seen: list[Any] = []

        def look() -> None:
            if partition.is_switching:
                seen.append(partition.append(batch(1, start=99)))

        house.background.before = look
        house.moves.begin(partition, house.there(partition))
        await house.done()
        assert seen == [None], "it takes work first"
        assert not partition.is_switching
        assert partition.append(batch(1, start=20)) is not None

    in_a_loop(test)


def test_a_directory_that_failed_takes_nothing() -> None:
    async def test(house: House) -> None:
        partition = house.partitions[0]
        there = house.there(partition)
        there.fail(StorageFailed(there.path, "write", OSError("it is gone")))
        with pytest.raises(StorageFailed):
            house.moves.begin(partition, there)

    in_a_loop(test)


def test_a_directory_without_room_takes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    async def test(house: House) -> None:
        partition = house.partitions[0]
        house.there(partition).check()
        monkeypatch.setattr(house.disk, "free_bytes", lambda path: partition.log.size_bytes - 1)
        with pytest.raises(DiskFull):
            house.moves.begin(partition, house.there(partition))
        assert not house.moves.under_way()

    in_a_loop(test)


def test_a_directory_that_fails_on_the_way_is_noted_and_the_partition_stays() -> None:
    async def test(house: House) -> None:
        partition = house.partitions[0]
        there = house.there(partition)
        house.disk.faults.fail(Fault(Operation.DATASYNC, suffix=f"-moving/{0:020d}.log"))
        house.moves.begin(partition, there)
        await house.done()
        assert house.failed == [there.path]
        assert house.manager.directory_of(partition.name) == partition.directory.path != there.path
        assert len(values(partition.log)) == 20
        assert house.resumed == [partition.name]

    in_a_loop(test)


def test_a_log_that_is_gone_goes_nowhere() -> None:
    async def test(house: House) -> None:
        partition = house.partitions[0]
        house.moves.begin(partition, house.there(partition))
        house.manager.delete(partition.name)
        await house.done()
        assert house.failed == []
        with pytest.raises(UnknownTopic):
            house.manager.directory_of(partition.name)

    in_a_loop(test)


def test_closing_takes_no_further_step() -> None:
    async def test(house: House) -> None:
        partition = house.partitions[0]
        house.moves.begin(partition, house.there(partition))
        house.moves.close()
        for _ in range(3):
            await asyncio.sleep(0)
        assert house.rested == []

    in_a_loop(test)
