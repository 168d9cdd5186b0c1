"""Many logs under the data directories of one program, a directory for each partition.

      data/
        LOCK                      one owner, while the manager is open
        .cordwood_clean           the last manager closed all of its logs; gone while one is open
        orders-0/  orders-1/      a log each
        .7-delete/                a log that was deleted; its files go in the background, or at the next opening
        .8-stray/                 a log found under the name of a new one; nobody reads it, and nobody deletes it

| step of a deletion         | if the process dies or the power fails here                 |
|----------------------------|-------------------------------------------------------------|
| the log is shut            | the log stands                                              |
| rename to `.<n>-delete`    | the log stands, or it is gone: its name decides             |
| fsync of the directory     | it is gone for good                                         |
| files and directory removed | leftovers are removed at the next opening                  |

A log that cannot be opened does not keep the others from it: its error is in `failed`. Without the marker nobody can
have stopped cleanly, so `clean_start` is False and what lies beyond each log's recovery point is scanned.

Lives here: directories, ownership, opening and closing of all. Must not live here: which partitions there should be.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from cordwood.log import checkpoint
from cordwood.log.log import Log
from cordwood.log.opening import Found, Opening, Outcome
from cordwood.model.errors import CordwoodError, LogClosed, StorageFailed, UnknownTopic
from cordwood.model.ids import NO_TOPIC_ID, TopicPartition

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from cordwood.env.clock import Clock
    from cordwood.env.disk import Disk, Lock
    from cordwood.log.config import LogConfig
    from cordwood.log.flusher import Flusher

CLEAN_MARKER: Final = ".cordwood_clean"
CLEAN: Final = checkpoint.Kind(b"CWcl", 1)
DELETED_SUFFIX: Final = "-delete"
STRAY_SUFFIX: Final = "-stray"


class LogManager:
    """The logs of one program. `open` and `close` are called once; the rest by one thread at a time."""

    def __init__(self, directories: Sequence[str], disk: Disk, clock: Clock, flusher: Flusher) -> None:
        """For `LogManager.open`."""
        self._directories = tuple(directory.rstrip("/") for directory in directories)
        self._disk = disk
        self._clock = clock
        self._flusher = flusher
        self._locks: list[Lock] = []
        self._failed_directories: dict[str, StorageFailed] = {}
        self._logs: dict[TopicPartition, Log] = {}
        self._failed: dict[TopicPartition, CordwoodError] = {}
        self._failed_paths: dict[TopicPartition, str] = {}
        self._deletions = 0
        self._threads_per_directory = 1
        self.clean_start = False
        """Whether the directories were left by a manager that closed all of its logs."""

    @classmethod
    def open(
        cls,
        directories: Sequence[str],
        *,
        disk: Disk,
        clock: Clock,
        flusher: Flusher,
        config_for: Callable[[TopicPartition], LogConfig | None],
        progress: Callable[[int, int], None] | None = None,
        threads_per_directory: int = 1,
    ) -> LogManager:
        """Opens and recovers all logs. A partition for which `config_for` says None is left alone.

        So many logs of each directory are made side by side, and after a crash opened so. `progress` is told how many
        logs of how many are open, by one thread at a time. A directory that fails is left out, see
        `failed_directories`. Raises DirectoryLocked, and StorageFailed if no directory is left.
        """
        manager = cls(directories, disk, clock, flusher)
        try:
            for directory in manager._directories:
                manager._take(directory)
            manager.clean_start = manager._take_markers()
            manager._threads_per_directory = threads_per_directory
            manager._open_all(config_for, progress)
        except BaseException:  # Whatever it was, the directories must not stay locked.
            manager._release()
            raise
        return manager

    @property
    def logs(self) -> Mapping[TopicPartition, Log]:
        """The open logs."""
        return self._logs

    @property
    def failed(self) -> Mapping[TopicPartition, CordwoodError]:
        """The logs that could not be opened, with the reason."""
        return self._failed

    @property
    def directories(self) -> tuple[str, ...]:
        """The data directories, also those that failed."""
        return self._directories

    @property
    def failed_directories(self) -> Mapping[str, StorageFailed]:
        """The data directories that are used no more, with the reason."""
        return self._failed_directories

    def fail_directory(self, directory: str, error: StorageFailed) -> None:
        """Puts nothing new into a directory any more, nor the mark of a clean stop."""
        self._failed_directories.setdefault(directory, error)

    def get(self, name: TopicPartition) -> Log | None:
        """The open log of a partition."""
        return self._logs.get(name)

    def directory_of(self, name: TopicPartition) -> str:
        """The data directory that a log lives in. Raises UnknownTopic."""
        return self._log(name).path.rpartition("/")[0]

    def create(self, name: TopicPartition, config: LogConfig, topic_id: bytes = NO_TOPIC_ID) -> Log:
        """A new, empty log in the data directory with the fewest; an open one is returned as it is.

        Files that lie under its name are those of a topic that is no more: they are set aside. Raises StorageFailed, and
        for a log that could not be opened the reason of that: its files are never put away unseen.
        """
        (made,) = self.create_all([name], config, topic_id)
        if isinstance(made, CordwoodError):
            raise made
        return made

    def create_all(
        self, names: Sequence[TopicPartition], config: LogConfig, topic_id: bytes = NO_TOPIC_ID
    ) -> list[Log | CordwoodError]:
        """As `create`, for partitions of one topic side by side; instead of a log that could not be made, the reason."""
        made: dict[TopicPartition, Log | CordwoodError] = {}
        wanted = []
        counts = self._counts()
        for name in names:
            known = self._logs.get(name) or self._failed.get(name)
            if known is not None:
                made[name] = known
                continue
            try:
                self._clear(name)
                wanted.append(Found(name, f"{self._roomiest(counts)}/{name}", config))
            except StorageFailed as error:
                made[name] = error

        def begin(path: str, config: LogConfig) -> Log:
            log = self._open(path, config)
            if topic_id != NO_TOPIC_ID:
                log.set_topic_id(topic_id)
            return log

        for found, outcome in zip(wanted, self._side_by_side(wanted, begin), strict=True):
            made[found.name] = outcome
            if isinstance(outcome, Log):
                self._logs[found.name] = outcome
        return [made[name] for name in names]

    def _clear(self, name: TopicPartition) -> None:
        """Sets aside what lies under a name that is about to be used."""
        for directory in self._sound():
            if self._disk.exists(f"{directory}/{name}"):
                self._set_aside(directory, name)

    def _side_by_side(self, found: Sequence[Found], open_log: Callable[[str, LogConfig], Log]) -> list[Outcome]:
        return Opening(found, open_log).run(self._flusher.background, self._threads_per_directory)

    def _sound(self) -> list[str]:
        return [directory for directory in self._directories if directory not in self._failed_directories]

    def _counts(self) -> dict[str, int]:
        """How many logs there are in each sound directory."""
        counts = dict.fromkeys(self._sound(), 0)
        for log in self._logs.values():
            directory = log.path.rpartition("/")[0]
            if directory in counts:
                counts[directory] += 1
        return counts

    def _roomiest(self, counts: dict[str, int]) -> str:
        """The directory with the fewest logs, which has one more from now on. Raises StorageFailed if none is sound."""
        if not counts:
            raise next(iter(self._failed_directories.values()))
        directory = min(counts, key=counts.__getitem__)
        counts[directory] += 1
        return directory

    def delete(self, name: TopicPartition) -> None:
        """Closes and deletes a log, a failed one too: its name is free when this returns, its room a while later.

        Raises UnknownTopic, StorageFailed.
        """
        path = self._failed_paths.get(name) or self._log(name).path
        directory = path.rpartition("/")[0]
        if name in self._logs:
            self._logs[name].abandon()
        doomed = self._unused_name(directory, DELETED_SUFFIX)
        self._disk.rename(path, doomed)
        for known in (self._logs, self._failed, self._failed_paths):
            known.pop(name, None)
        self._disk.sync_directory(directory)
        # Should it fail, the leftovers go at the next opening.
        self._flusher.background.submit(partial(self._remove_directory, doomed))

    def set_aside(self, name: TopicPartition) -> None:
        """Closes a log that is not the one its name belongs to, and gives it another name. Its files stay.

        Raises UnknownTopic, StorageFailed.
        """
        log = self._log(name)
        log.close()
        del self._logs[name]
        self._set_aside(log.path.rpartition("/")[0], name)

    def _set_aside(self, directory: str, name: TopicPartition) -> None:
        self._disk.rename(f"{directory}/{name}", self._unused_name(directory, STRAY_SUFFIX))
        self._disk.sync_directory(directory)

    def checkpoint(self) -> None:
        """Moves the recovery points of all logs up, so that a crash costs little to recover from.

        A log that fails notes it itself: see `Log.failure`.
        """
        for log in list(self._logs.values()):
            if log.has_news:
                try:
                    log.checkpoint()
                except (StorageFailed, LogClosed):
                    continue

    def close(self) -> None:
        """Closes all logs and leaves the mark of a clean stop, unless one of them failed.

        Raises the first StorageFailed after all logs are closed.
        """
        errors = [error for error in map(_close, self._logs.values()) if error is not None]
        try:
            if not errors and not self._failed:
                for directory in self._sound():
                    checkpoint.replace(self._disk, f"{directory}/{CLEAN_MARKER}", CLEAN, b"")
        finally:
            self._release()
        if errors:
            raise errors[0]

    def _log(self, name: TopicPartition) -> Log:
        log = self._logs.get(name)
        if log is None:
            raise UnknownTopic(str(name))
        return log

    def _open(self, path: str, config: LogConfig) -> Log:
        return Log.open(path, config, disk=self._disk, clock=self._clock, flusher=self._flusher, lock=False)

    def _open_all(
        self,
        config_for: Callable[[TopicPartition], LogConfig | None],
        progress: Callable[[int, int], None] | None,
    ) -> None:
        found = []
        for directory in self._sound():
            for entry in self._disk.list(directory):
                name = partition_of(entry)
                config = config_for(name) if name is not None else None
                if name is not None and config is not None:
                    found.append(Found(name, f"{directory}/{entry}", config))
        # After a clean stop little is read and nothing waits for the device: threads would only take turns.
        threads = 1 if self.clean_start else self._threads_per_directory
        outcomes = Opening(found, self._open, progress).run(self._flusher.background, threads)
        for (name, path, _), outcome in zip(found, outcomes, strict=True):
            if isinstance(outcome, Log):
                self._logs[name] = outcome
            else:
                self._failed[name] = outcome
                self._failed_paths[name] = path

    def _take(self, directory: str) -> None:
        """Takes the ownership of a directory; one that fails is noted as long as another is left."""
        try:
            self._disk.make_directory(directory)
            self._locks.append(self._disk.lock(directory))
            self._remove_leftovers(directory)
        except StorageFailed as error:
            self._failed_directories[directory] = error
            if not self._sound():
                raise

    def _take_markers(self) -> bool:
        paths = [f"{directory}/{CLEAN_MARKER}" for directory in self._sound()]
        present = [path for path in paths if self._disk.exists(path)]
        for path in present:
            self._disk.unlink(path)
            self._disk.sync_directory(path.rpartition("/")[0])
        return len(present) == len(paths)

    def _remove_leftovers(self, directory: str) -> None:
        entries = self._disk.list(directory)
        doomed = [entry for entry in entries if entry.startswith(".") and entry.endswith(DELETED_SUFFIX)]
        if doomed:
            # Else a power failure could bring a name back whose files are gone.
            self._disk.sync_directory(directory)
        for entry in doomed:
            self._remove_directory(f"{directory}/{entry}")

    def _remove_directory(self, path: str) -> None:
        for entry in self._disk.list(path):
            self._disk.unlink(f"{path}/{entry}")
        self._disk.remove_directory(path)
        self._disk.sync_directory(path.rpartition("/")[0])

    def _unused_name(self, directory: str, suffix: str) -> str:
        while True:
            self._deletions += 1
            path = f"{directory}/.{self._deletions}{suffix}"
            if not self._disk.exists(path):
                return path

    def _release(self) -> None:
        locks, self._locks = self._locks, []
        for lock in locks:
            lock.release()


def partition_of(entry: str) -> TopicPartition | None:
    """The partition whose log a directory of this name holds, or None."""
    topic, dash, number = entry.rpartition("-")
    if not (topic and dash and number.isascii() and number.isdecimal()) or str(int(number)) != number:
        return None
    return TopicPartition(topic, int(number))


def _close(log: Log) -> StorageFailed | None:
    failure = log.failure
    try:
        log.close()
    except StorageFailed as error:
        return error
    return failure
