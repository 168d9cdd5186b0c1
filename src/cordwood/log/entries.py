"""What lies in a data directory, by the names of its entries.

      orders-0/      the log of a partition
      .7-delete/     a log that was deleted, and what is left of one that went elsewhere: removed at the next opening
      .9-moving/     the copy of a log that comes from another directory: the same
      .8-stray/      a log found under a name that is another's: nobody reads it, and nobody deletes it

Lives here: these names, and what is done with directories as a whole. Must not live here: what is in a log, and which logs
there should be.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cordwood.log.meta import PartitionMeta
from cordwood.model.errors import CorruptLog, StorageFailed
from cordwood.model.ids import TopicPartition

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cordwood.env.disk import Disk

DELETED_SUFFIX: Final = "-delete"
MOVING_SUFFIX: Final = "-moving"
STRAY_SUFFIX: Final = "-stray"

_PASSING: Final = (DELETED_SUFFIX, MOVING_SUFFIX)
"""What an opening removes."""


class Entries:
    """The entries of the data directories of one program."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self._numbers = 0

    def unused(self, directory: str, suffix: str) -> str:
        """The path of an entry that there is not."""
        while True:
            self._numbers += 1
            path = f"{directory}/.{self._numbers}{suffix}"
            if not self._disk.exists(path):
                return path

    def set_aside(self, directory: str, name: TopicPartition) -> None:
        """Gives a log another name, under which nobody looks for it. Raises StorageFailed."""
        self._disk.rename(f"{directory}/{name}", self.unused(directory, STRAY_SUFFIX))
        self._disk.sync_directory(directory)

    def clear(self, directories: Iterable[str], name: TopicPartition) -> None:
        """Sets aside what lies under a name that is about to be used. Raises StorageFailed."""
        for directory in directories:
            if self._disk.exists(f"{directory}/{name}"):
                self.set_aside(directory, name)

    def logs(self, directories: Iterable[str]) -> dict[TopicPartition, list[str]]:
        """The logs that there are, and in which directories: in two where a move was interrupted (moving.py)."""
        present: dict[TopicPartition, list[str]] = {}
        for directory in directories:
            for entry in self._disk.list(directory):
                if (name := partition_of(entry)) is not None:
                    present.setdefault(name, []).append(directory)
        return present

    def choose(self, name: TopicPartition, directories: Sequence[str]) -> str:
        """The directory whose log of this name counts, the one that went on; others are set aside. Raises StorageFailed."""
        if len(directories) == 1:
            return directories[0]
        chosen = max(directories, key=lambda directory: _recovery_point_of(self._disk, f"{directory}/{name}"))
        for directory in directories:
            if directory != chosen:
                self.set_aside(directory, name)
        return chosen

    def remove_leftovers(self, directory: str) -> None:
        """Removes what a stop has left half removed, or half copied. Raises StorageFailed."""
        entries = self._disk.list(directory)
        doomed = [entry for entry in entries if entry.startswith(".") and entry.endswith(_PASSING)]
        if doomed:
            # Else a power failure could bring a name back whose files are gone.
            self._disk.sync_directory(directory)
        for entry in doomed:
            self.remove(f"{directory}/{entry}")

    def remove(self, path: str) -> None:
        """Removes a directory with its files. Raises StorageFailed."""
        for entry in self._disk.list(path):
            self._disk.unlink(f"{path}/{entry}")
        self._disk.remove_directory(path)
        self._disk.sync_directory(path.rpartition("/")[0])


def partition_of(entry: str) -> TopicPartition | None:
    """The partition whose log a directory of this name holds, or None."""
    topic, dash, number = entry.rpartition("-")
    if not (topic and dash and number.isascii() and number.isdecimal()) or str(int(number)) != number:
        return None
    return TopicPartition(topic, int(number))


def _recovery_point_of(disk: Disk, path: str) -> int:
    """Up to where the log in a directory was trusted last; -1 if nobody knows."""
    try:
        meta = PartitionMeta.load(disk, path)
    except (CorruptLog, StorageFailed):
        return -1
    return -1 if meta is None else meta.recovery_point
