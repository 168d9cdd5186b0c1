"""The snapshot files of one group: `snapshot-<index>-<term>`, 20 digits each; the newest whole one counts.

| step of writing or receiving one           | if the process dies or the power fails here    |
|--------------------------------------------|------------------------------------------------|
| write `<name>.new` or `.part`, fdatasync   | a leftover, which opening removes              |
| rename to `<name>`                         | either is found                                |
| fsync of the directory                     | the new one counts                             |
| unlink older ones, fsync of the directory  | older ones are removed after the next snapshot |

Lives here: names, and which file counts. Must not live here: bytes (snapshot_format.py), when a snapshot is made.

Whatever snapshot is found whole holds committed state, so a newer one is never wrong, wherever it came from.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from cordwood.consensus.snapshot_format import check_snapshot, read_parts, write_snapshot
from cordwood.model.errors import CorruptLog
from cordwood.raft import Position, Snapshot

if TYPE_CHECKING:
    from cordwood.env.disk import Disk, File

NEW: Final = ".new"
"""Being written here."""
PART: Final = ".part"
"""Being received."""

_NAME: Final = re.compile(r"snapshot-(\d{20})-(\d{20})")


class SnapshotFiles:
    """A directory of snapshots. Methods may be called in any thread, for different snapshots at once."""

    def __init__(self, disk: Disk, path: str) -> None:
        """Makes the directory if it is missing, and removes what was not finished. Raises StorageFailed."""
        self._disk = disk
        self.path = path
        disk.make_directory(path)
        leftovers = [name for name in disk.list(path) if name.endswith((NEW, PART))]
        for name in leftovers:
            disk.unlink(f"{path}/{name}")
        # Whoever renamed a file may have died before its name was durable, and the log may be cut behind it soon.
        disk.sync_directory(path)
        self.damaged: list[CorruptLog] = []
        """What `newest` passed over."""

    def newest(self) -> Snapshot | None:
        """The newest whole snapshot. Raises StorageFailed."""
        for position in sorted(self.positions(), key=lambda position: position.index, reverse=True):
            file = self.open(position)
            try:
                return check_snapshot(file)
            except CorruptLog as error:
                self.damaged.append(error)
            finally:
                file.close()
        return None

    def name_of(self, position: Position) -> str:
        """The whole path of a snapshot's file."""
        return f"{self.path}/snapshot-{position.index:020}-{position.term:020}"

    def open(self, position: Position) -> File:
        """The file of a snapshot; it can be read on after it was removed. Raises StorageFailed."""
        return self._disk.open(self.name_of(position))

    def parts(self, position: Position) -> Iterator[bytes]:
        """The state in a snapshot. Raises CorruptLog, StorageFailed."""
        file = self.open(position)
        try:
            yield from read_parts(file)
        finally:
            file.close()

    def write(self, snapshot: Snapshot, parts: Iterable[bytes]) -> int:
        """Writes a snapshot durably; returns its size. Raises StorageFailed."""
        name = self.name_of(snapshot.position)
        file = self._disk.open(name + NEW, create=True)
        try:
            file.truncate(0)
            size = write_snapshot(file, snapshot, parts)
            file.datasync()
        finally:
            file.close()
        self._publish(name + NEW, name)
        return size

    def begin(self, position: Position) -> File:
        """An empty file for a snapshot that is received. Raises StorageFailed."""
        file = self._disk.open(self.name_of(position) + PART, create=True)
        file.truncate(0)
        return file

    def finish(self, file: File) -> Snapshot:
        """Takes over what was received, durably, and closes the file. Raises CorruptLog if it is not whole."""
        try:
            snapshot = check_snapshot(file)
            file.datasync()
        finally:
            file.close()
        self._publish(file.path, self.name_of(snapshot.position))
        return snapshot

    def abandon(self, file: File) -> None:
        """Gives up what was received. Raises StorageFailed."""
        file.close()
        self._disk.unlink(file.path)

    def _publish(self, temporary: str, name: str) -> None:
        self._disk.rename(temporary, name)
        self._disk.sync_directory(self.path)

    def remove_before(self, index: int) -> int:
        """Removes the snapshots below `index`; returns how many. Raises StorageFailed."""
        old = [position for position in self.positions() if position.index < index]
        for position in old:
            self._disk.unlink(self.name_of(position))
        if old:
            self._disk.sync_directory(self.path)
        return len(old)

    def positions(self) -> list[Position]:
        """What there are snapshots of, whole or damaged. Raises StorageFailed."""
        matches = [_NAME.fullmatch(name) for name in self._disk.list(self.path)]
        return [Position(int(match[2]), int(match[1])) for match in matches if match]
