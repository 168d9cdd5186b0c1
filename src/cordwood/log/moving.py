"""A log goes to another data directory while it is written to and read.

      data/orders-0/        the log, until the switch
      other/.3-moving/      its copy: rounds bring over what came since the last one, and nobody waits for them
        │ the switch, under the locks of the log: what is left, the small files, everything synced
        ▼
      other/orders-0/       the log from now on
      data/.4-delete/       what it was before

| step of the switch                             | if the process dies or the power fails here                            |
|------------------------------------------------|------------------------------------------------------------------------|
| a checkpoint: all of the log is on the device  | the log stands where it is; the copy is removed at the next opening    |
| the rest is copied, the copy is synced         | the same                                                               |
| the copy gets the log's name; fsync            | two that are alike: opening takes one and sets the other aside         |
| the old one gets another name; fsync           | the same, or the log is where it was to go                             |
| readers and writers go on, in the new place    |                                                                        |

Lives here: the copy and the switch. Must not live here: which log is to go where, and when (`replica`).

1. Nothing is appended from the checkpoint to the last step, so two directories of one name hold the same.
2. A failure before the copy has its name changes nothing. After it the log takes no writes until it is opened again, since
   nobody knows which of the two the next opening finds.
3. The log must not be compacted meanwhile: files of sealed segments are copied once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cordwood.log.backend import CUT_SUFFIX, DELETED_SUFFIX, SEGMENT_KINDS, DirectoryBackend, FileKind
from cordwood.log.checkpoint import NEW_SUFFIX
from cordwood.log.ends import BoundedLog
from cordwood.log.recovery import recover
from cordwood.model.errors import CorruptLog, StorageFailed

if TYPE_CHECKING:
    from collections.abc import Callable

    from cordwood.env.disk import Disk
    from cordwood.log.segment import Segment

CHUNK_BYTES: Final = 1 << 20
"""So much is read and written at once."""
ROUND_BYTES: Final = 64 << 20
"""A round ends after so much, so that others get the thread that it has."""

_PASSING: Final = (DELETED_SUFFIX, CUT_SUFFIX, NEW_SUFFIX)
"""What an opening would remove."""


class MovableLog(BoundedLog):
    """A log that can be told to live elsewhere."""

    def move(self, path: str, complete: Callable[[], None], switch: Callable[[], None]) -> None:
        """Lives at `path` from now on, where its files are when `switch` returns; nothing is appended meanwhile.

        `complete` may fail, and nothing has changed. Raises what it raises, StorageFailed, CorruptLog, LogClosed.
        """
        with self._durability.lock, self._durability.syncing, self._lock:
            self.wake()
            self.checkpoint()
            complete()
            backend = DirectoryBackend(self._disk, path)
            try:
                switch()
                found = recover(self._disk, backend, self.config.index_interval_bytes, self._clock.now_ms())
                self._check_moved(path, found.segments.active.next_offset)
            except StorageFailed as error:
                self._durability.fail(error)
                raise
            except CorruptLog as error:
                self._durability.fail(StorageFailed(path, "reading of the copy", error))
                raise
            old = self._segments
            self.path, self._backend = path, backend
            self._durability.move(backend)
            self._clean_due_ms = None
            self._take(found)
            self.epochs.assign(self._leader_epoch, self.end_offset)
            for segment in old.all:  # Whoever is reading one may go on with what it has open, and with no more.
                segment.deleted = True

    def _check_moved(self, path: str, end: int) -> None:
        if end != self.end_offset:
            raise CorruptLog(path, 0, f"the copy ends at offset {end}, the log at {self.end_offset}")


class LogMove:
    """One log on its way. Rounds and the switch are called by one thread at a time."""

    def __init__(self, log: MovableLog, target: str, copy: str, disk: Disk) -> None:
        """`target` is the path at which the log is to be, `copy` one for the time until then."""
        self._log = log
        self._source = log.path
        self._target = target
        self._copy = copy
        self._disk = disk
        self._sizes: dict[str, int] = {}
        """How much the copy has of each file."""
        self._truncations = log.truncations
        self.copied_offset: int = log.start_offset
        """The copy has everything below it."""

    @property
    def copied_bytes(self) -> int:
        """Bytes of record batches in the copy."""
        return sum(size for name, size in list(self._sizes.items()) if name.endswith(FileKind.STORE))

    @property
    def offset_lag(self) -> int:
        """How many offsets the copy is behind."""
        return max(0, self._log.end_offset - self.copied_offset)

    def copy(self) -> bool:
        """One round: copies what is missing, so much at most; whether more is left than the switch should wait for.

        Raises StorageFailed, CorruptLog, LogClosed.
        """
        self._disk.make_directory(self._copy)
        if self._log.truncations != self._truncations:  # What was copied may not be what is there now.
            self._truncations = self._log.truncations
            self._sizes.clear()
        left = ROUND_BYTES
        for segment in self._log.segments:
            try:
                left -= self._copy_segment(segment, left)
            except StorageFailed:
                if segment.base_offset >= self._log.segments[0].base_offset:
                    raise
                continue  # It was removed meanwhile.
            if left <= 0:
                return True
        return ROUND_BYTES - left > CHUNK_BYTES

    def _copy_segment(self, segment: Segment, limit: int) -> int:
        """Brings over what the copy lacks of a segment; returns how many bytes of its store."""
        size, next_offset = segment.size_bytes, segment.next_offset
        store = _name(segment, FileKind.STORE)
        done = self._extend(store, size, limit)
        if self._sizes.get(store, 0) >= size:
            self.copied_offset = max(self.copied_offset, next_offset)
            if segment.base_offset < self._log.segments[-1].base_offset:
                for kind in SEGMENT_KINDS[1:]:
                    self._take_once(_name(segment, kind))
        return done

    def switch(self, doomed: str) -> None:
        """Brings over the rest and has the log live in its new place; the old files are at `doomed` then.

        Raises StorageFailed, CorruptLog, LogClosed.
        """
        self._log.move(self._target, self._complete, lambda: self._exchange(doomed))

    def abandon(self) -> None:
        """Removes the copy, unless it has become the log. Raises StorageFailed."""
        disk = self._disk
        if disk.exists(self._copy):
            for entry in disk.list(self._copy):
                disk.unlink(f"{self._copy}/{entry}")
            disk.remove_directory(self._copy)

    def _complete(self) -> None:
        """The copy becomes what the log is, durably. Under the locks of the log, after a checkpoint of it."""
        while self.copy():
            pass
        present = [name for name in self._disk.list(self._source) if not name.endswith(_PASSING)]
        for name in present:
            if not name.endswith(FileKind.STORE) and not self._is_sealed(name):
                self._copy_whole(name)
        for name in self._disk.list(self._copy):
            if name not in present:
                self._disk.unlink(f"{self._copy}/{name}")
        self._disk.sync_directory(self._copy)

    def _exchange(self, doomed: str) -> None:
        self._disk.rename(self._copy, self._target)
        self._disk.sync_directory(_parent(self._target))
        self._disk.rename(self._source, doomed)
        self._disk.sync_directory(_parent(self._source))

    def _take_once(self, name: str) -> None:
        """Copies a file that does not change any more, if there is one."""
        if name not in self._sizes and self._disk.exists(f"{self._source}/{name}"):
            self._copy_whole(name)

    def _is_sealed(self, name: str) -> bool:
        """Whether the copy has the file as it is: that of a segment that is not written to any more."""
        return self._sizes.get(name) == self._size_of(name)

    def _copy_whole(self, name: str) -> None:
        size = self._size_of(name)
        self._sizes.pop(name, None)
        self._extend(name, size, size)

    def _size_of(self, name: str) -> int:
        file = self._disk.open(f"{self._source}/{name}")
        try:
            return file.size()
        finally:
            file.close()

    def _extend(self, name: str, size: int, limit: int) -> int:
        """Copies what lies between the end of the copied file and `size`, so much at most; returns how much it was."""
        begin = self._sizes.get(name, 0)
        end = min(size, begin + limit)
        if begin >= end and name in self._sizes:
            return 0
        source = self._disk.open(f"{self._source}/{name}")
        target = self._disk.open(f"{self._copy}/{name}", create=True)
        try:
            if target.size() > begin:
                target.truncate(begin)
            for position in range(begin, end, CHUNK_BYTES):
                target.write([source.read(min(CHUNK_BYTES, end - position), position)], position)
            target.datasync()
        finally:
            source.close()
            target.close()
        self._sizes[name] = end
        return end - begin


def _name(segment: Segment, kind: FileKind) -> str:
    return segment.path.rpartition("/")[2].removesuffix(FileKind.STORE) + kind


def _parent(path: str) -> str:
    return path.rpartition("/")[0]
