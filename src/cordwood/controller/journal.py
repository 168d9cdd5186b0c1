"""The log of metadata records: one batch for each decision.

Lives here: records to batches and back, and the wait for the disk without holding up the event loop. Must not live
here: images, and who may write (`controller`).

Since the records of a decision are one batch, a crash leaves all or none of them: recovery cuts a torn batch whole.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence

from cordwood.env.clock import Clock
from cordwood.env.disk import Disk
from cordwood.log.config import LogConfig
from cordwood.log.flusher import Flusher
from cordwood.log.log import Log
from cordwood.metadata import records
from cordwood.metadata.records import Record
from cordwood.model.errors import CordwoodError, InvalidMetadata, StorageFailed
from cordwood.model.limits import BATCH_SIZE_LIMIT_BYTES
from cordwood.model.settings.setting import LONG_MAX
from cordwood.records import record as batches

# Syncs are asked for one by one, so the log itself need not wait for any. A decision may be large: a start after a
# crash gives every partition a new leader epoch at once.
_CONFIG = LogConfig(flush_policy="os", max_message_bytes=BATCH_SIZE_LIMIT_BYTES, segment_ms=LONG_MAX)


class Journal:
    """The metadata records of one node, in a directory of their own."""

    def __init__(self, path: str, disk: Disk, clock: Clock, flusher: Flusher) -> None:
        """Opens or begins the journal. Raises DirectoryLocked, CorruptLog, StorageFailed."""
        self._clock = clock
        self._flusher = flusher
        self._log = Log.open(path, _CONFIG, disk=disk, clock=clock, flusher=flusher)

    @property
    def failure(self) -> StorageFailed | None:
        """Why nothing can be written any more."""
        return self._log.failure

    def read(self) -> Iterator[Record]:
        """Every record, the oldest first. Raises CorruptLog, StorageFailed, InvalidMetadata."""
        for entry in self._log.read(self._log.start_offset):
            try:
                yield records.decode(entry.value or b"")
            except InvalidMetadata as error:
                raise InvalidMetadata(f"{self._log.path}, offset {entry.offset}: {error}") from error

    def write(self, decided: Sequence[Record]) -> None:
        """Writes the records of one decision and waits for the disk. Raises DiskFull, StorageFailed, LogClosed."""
        self._append(decided)
        self._log.sync()

    async def write_soon(self, decided: Sequence[Record]) -> None:
        """Writes the records of one decision; returns when they are on the disk. Raises as `write`."""
        self._append(decided)
        loop = asyncio.get_running_loop()
        synced: asyncio.Future[None] = loop.create_future()

        def settle(error: CordwoodError | None) -> None:
            if synced.done():
                return  # Whoever waited has gone.
            if error is None:
                synced.set_result(None)
            else:
                synced.set_exception(error)

        def post(error: CordwoodError | None) -> None:
            loop.call_soon_threadsafe(settle, error)

        self._flusher.notify(self._log, self._log.end_offset, post)
        await synced

    def close(self) -> None:
        """Syncs what is left and closes the log. Raises StorageFailed."""
        self._log.close()

    def _append(self, decided: Sequence[Record]) -> None:
        now = self._clock.now_ms()
        self._log.append_records([batches.Record(0, now, None, records.encode(record)) for record in decided])
