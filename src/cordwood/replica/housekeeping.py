"""What has to be done to logs from time to time: retention, freeing of removed files, recovery points, idle producers, rest.

Lives here: the rounds and when they come, and the look at the directories. Must not live here: what retention removes (log),
which logs go to rest (idling.py), and who asks for it.

Every round runs in a background thread, one partition after the other, so that neither the event loop nor the other
background threads wait for it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from cordwood.env.background import Background
from cordwood.env.clock import Clock
from cordwood.log.manager import LogManager
from cordwood.model.errors import LogClosed, StorageFailed
from cordwood.replica.idling import Idling
from cordwood.replica.partition import Partition
from cordwood.replica.partitions import Partitions
from cordwood.replica.rounds import Rounds

logger = logging.getLogger(__name__)

DIRECTORY_CHECK_MS: Final = 1000
"""How often data directories are looked for: files that are open can be written long after their directory is gone."""


class Housekeeping:
    """The rounds of one broker, from `start` to `stop`."""

    def __init__(
        self,
        partitions: Partitions,
        manager: LogManager,
        background: Background,
        clock: Clock,
        rounds: Rounds,
    ) -> None:
        self._partitions = partitions
        self._manager = manager
        self._background = background
        self.idling = Idling(partitions, clock, idle_ms=rounds.idle_ms, open_files_limit=rounds.open_files_limit)
        self._rounds: tuple[tuple[Callable[[], None], int], ...] = (
            (self.retain, rounds.retention_check_ms),
            (self.checkpoint, rounds.checkpoint_interval_ms),
            (self.idling.look, self.idling.interval_ms),
        )
        self._tasks: list[asyncio.Task[None]] = []
        self.removed_segments_total = 0
        self.removed_bytes_total = 0

    def start(self) -> None:
        """Begins the rounds in the running loop."""
        self._tasks = [asyncio.create_task(self._repeat(work, interval)) for work, interval in self._rounds]
        self._tasks.append(asyncio.create_task(self._watch_directories()))

    async def stop(self) -> None:
        """Begins no further round and waits for the one under way."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    async def _watch_directories(self) -> None:
        while True:
            await asyncio.sleep(DIRECTORY_CHECK_MS / 1000)
            for directory in self._partitions.directories():
                directory.check()

    async def _repeat(self, work: Callable[[], None], interval_ms: int) -> None:
        while True:
            await asyncio.sleep(interval_ms / 1000)
            await asyncio.shield(asyncio.wrap_future(self._background.submit(work)))

    def retain(self) -> None:
        """One round of retention over all partitions, of records and of producers. A log that fails keeps its failure for its next writer."""
        for partition in self._partitions.all():
            try:
                self._retain(partition)
            except LogClosed:
                continue  # It was deleted meanwhile.
            except StorageFailed as error:
                logger.error("retention of %s failed: %s", partition.name, error)

    def checkpoint(self) -> None:
        """One round of checkpoints. A register of logs that cannot be written costs the next start some time."""
        try:
            self._manager.checkpoint()
        except StorageFailed as error:
            logger.error("the logs cannot be registered: %s", error)

    def _retain(self, partition: Partition) -> None:
        log = partition.log
        removed = log.retain(partition.high_watermark)
        log.clean()
        # A log that is written to does so at its checkpoints; one that is read has none.
        log.forget_producers()
        if removed.segments:
            self.removed_segments_total += removed.segments
            self.removed_bytes_total += removed.removed_bytes
            logger.info("%s now begins at offset %d: retention", partition.name, log.start_offset)
