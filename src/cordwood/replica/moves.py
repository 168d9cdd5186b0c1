"""Partitions that go to another data directory of this broker (KIP-113).

      asked for ──> copied, round by round ──> switched ──> compacted again where it is now
                      │ asked for elsewhere, deleted, a disk fails
                      ▼
                    the copy is removed, the partition stays

Lives here: which partition goes where, one after the other. Must not live here: the files (log.moving), requests.

While its log is switched a partition takes no client's append: these wait their turn in a background thread. Readers go
on. What the broker itself appends (groups, the ends of transactions) waits where it is, for as long as it takes to bring over
the last round and sync it. A move that a stop of the broker interrupts is forgotten, with what was copied.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection
from typing import TypeVar

from cordwood.env.background import Background
from cordwood.log.manager import LogManager
from cordwood.log.moving import LogMove
from cordwood.model.errors import CordwoodError, DiskFull, StorageFailed
from cordwood.model.ids import TopicPartition
from cordwood.replica.directory import Directory
from cordwood.replica.partition import Partition

logger = logging.getLogger(__name__)

T = TypeVar("T")


class Move:
    """One partition, and where it is to go."""

    __slots__ = ("directory", "is_off", "log", "partition")

    def __init__(self, partition: Partition, directory: Directory) -> None:
        self.partition = partition
        self.directory = directory
        self.log: LogMove | None = None
        """From when on the copy is being made."""
        self.is_off = False
        """Whether it is not wanted any more."""

    @property
    def copied_bytes(self) -> int:
        """The size of the copy."""
        return 0 if self.log is None else self.log.copied_bytes

    @property
    def offset_lag(self) -> int:
        """How many offsets the copy is behind."""
        log = self.partition.log
        return log.end_offset - log.start_offset if self.log is None else self.log.offset_lag


class Moves:
    """The moves of one broker. Used on the event loop's thread."""

    def __init__(
        self,
        manager: LogManager,
        background: Background,
        *,
        rest: Callable[[Partition], None],
        resume: Callable[[Partition], None],
    ) -> None:
        """`rest` returns when nobody compacts the partition any more, in any thread; `resume` lets it be compacted."""
        self._manager = manager
        self._background = background
        self._rest = rest
        self._resume = resume
        self._moves: dict[TopicPartition, Move] = {}
        self._working: asyncio.Task[None] | None = None
        self.turn = asyncio.Lock()
        """Held by whoever makes, deletes or switches logs."""

    def under_way(self) -> Collection[Move]:
        """The moves that are not done yet."""
        return self._moves.values()

    def concerns(self, name: TopicPartition) -> bool:
        """Whether the partition is on the move."""
        return name in self._moves

    def begin(self, partition: Partition, directory: Directory) -> None:
        """The partition is to be in that directory; an earlier wish counts no more.

        Raises DiskFull where there is no room, and the failure of the directory.
        """
        if directory.failure is not None:
            raise directory.failure
        self.give_up(partition.name)
        if partition.directory is directory:
            return
        directory.check_room(partition.log.size_bytes)
        self._moves[partition.name] = Move(partition, directory)
        if self._working is None:
            self._working = asyncio.get_running_loop().create_task(self._work())

    def give_up(self, name: TopicPartition) -> None:
        """The partition stays where it is, or goes altogether."""
        move = self._moves.pop(name, None)
        if move is not None:
            move.is_off = True

    def close(self) -> None:
        """No further step is taken."""
        if self._working is not None:
            self._working.cancel()

    async def _work(self) -> None:
        try:
            while self._moves:
                move = next(iter(self._moves.values()))
                await self._carry_out(move)
                if self._moves.get(move.partition.name) is move:
                    del self._moves[move.partition.name]
                if move.partition.failure is None:
                    self._resume(move.partition)
        finally:
            self._working = None

    async def _carry_out(self, move: Move) -> None:
        name, directory = move.partition.name, move.directory
        try:
            await self._do(lambda: self._rest(move.partition))
            async with self.turn:
                if not move.is_off:
                    move.log = await self._do(lambda: self._manager.move(name, directory.path))
            while not move.is_off and move.log is not None and await self._do(move.log.copy):
                continue
            async with self.turn:
                if not move.is_off and move.log is not None:
                    await self._switch(move, move.log)
        except CordwoodError as error:
            logger.error("%s does not go to %s: %s", name, directory.path, error)
            self._blame(directory, error)
        if move.log is not None and move.partition.directory is not directory:
            await self._remove(move.log)

    async def _switch(self, move: Move, log: LogMove) -> None:
        partition = move.partition
        partition.is_switching = True
        try:
            await self._do(lambda: self._manager.arrive(partition.name, log))
        finally:
            partition.is_switching = False
        partition.directory = move.directory
        logger.info("%s is in %s now", partition.name, move.directory.path)

    async def _remove(self, log: LogMove) -> None:
        try:
            await self._do(log.abandon)
        except StorageFailed as error:
            logger.warning("a copy stays until the next start: %s", error)

    def _blame(self, directory: Directory, error: CordwoodError) -> None:
        """A directory whose files cannot be written fails; that of the partition is found out by its next append."""
        if isinstance(error, DiskFull) or not isinstance(error, StorageFailed):
            return
        if error.path.startswith(f"{directory.path}/"):
            directory.fail(error)

    async def _do(self, work: Callable[[], T]) -> T:
        return await asyncio.wrap_future(self._background.submit(work))
