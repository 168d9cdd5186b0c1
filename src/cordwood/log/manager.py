"""Many logs under the data directories of one program, a directory for each partition.

      data/
        LOCK                      one owner, while the manager is open
        .cordwood_clean           the last manager closed all of its logs; gone while one is open
        .cordwood_logs            in the first one: what each log was when it last rested (register.py)
        orders-0/  orders-1/      a log each
        .7-delete/                a log that was deleted; its files go in the background, or at the next opening
        .9-moving/                the copy of a log that comes from another directory; gone at the next opening
        .8-stray/                 a log found under the name of a new one; nobody reads it, and nobody deletes it

| step of a deletion         | if the process dies or the power fails here                 |
|----------------------------|-------------------------------------------------------------|
| the log is shut            | the log stands                                              |
| rename to `.<n>-delete`    | the log stands, or it is gone: its name decides             |
| fsync of the directory     | it is gone for good                                         |
| files and directory removed | leftovers are removed at the next opening                  |

A log that cannot be opened does not keep the others from it: its error is in `failed`. Without the marker nobody can
have stopped cleanly, so `clean_start` is False and what lies beyond each log's recovery point is scanned.

A log that rests as it was registered is not opened, one that was never touched has no directory, and one that was registered
with records and is gone is in `failed` (registration.py).
A log that was opened and has nothing to do goes to rest at once.

Lives here: directories, ownership, opening and closing of all. Must not live here: which partitions there should be.
"""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Final

from cordwood.log import checkpoint
from cordwood.log.at_rest import UNMADE, AtRest
from cordwood.log.closing import close_all
from cordwood.log.entries import DELETED_SUFFIX, MOVING_SUFFIX, Entries
from cordwood.log.log import Log
from cordwood.log.moving import LogMove
from cordwood.log.opening import Found, Opening
from cordwood.log.registration import Register
from cordwood.model.errors import CordwoodError, CorruptLog, LogClosed, StorageFailed, UnknownTopic
from cordwood.model.ids import NO_TOPIC_ID, TopicPartition

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from cordwood.env.clock import Clock
    from cordwood.env.disk import Disk, Lock
    from cordwood.log.config import LogConfig
    from cordwood.log.flusher import Flusher

CLEAN_MARKER: Final = ".cordwood_clean"
CLEAN: Final = checkpoint.Kind(b"CWcl", 1)


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
        self._counts: Counter[str] = Counter()
        """How many logs there are in each directory."""
        self._failed: dict[TopicPartition, CordwoodError] = {}
        self._failed_paths: dict[TopicPartition, str] = {}
        self._register = Register(disk, self._directories[0])
        self._entries = Entries(disk)
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
            manager._register.load()
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
        return _directory_of(self._log(name).path)

    def create(self, name: TopicPartition, config: LogConfig, topic_id: bytes = NO_TOPIC_ID) -> Log:
        """A new, empty log in the data directory with the fewest, on the device when this returns.

        Otherwise as `adopt_all`. Raises StorageFailed, and for a log that could not be opened the reason of that: its
        files are never put away unseen.
        """
        (made,) = self.adopt_all([name], config, topic_id)
        if isinstance(made, CordwoodError):
            raise made
        made.wake()
        made.sync()
        return made

    def adopt_all(
        self, names: Sequence[TopicPartition], config: LogConfig, topic_id: bytes = NO_TOPIC_ID
    ) -> list[Log | CordwoodError]:
        """New logs of one topic, of which somebody else knows that there are such; an open one is returned as it is.

        Each rests, and has no directory before it is touched. Files that lie under its name are those of a topic that is
        no more: they are set aside. Instead of a log that cannot be, or that was lost, there is the reason.
        """
        unmade = UNMADE._replace(topic_id=topic_id)
        return [self._adopt(name, config, unmade) for name in names]

    def _adopt(self, name: TopicPartition, config: LogConfig, unmade: AtRest) -> Log | CordwoodError:
        known = self._logs.get(name) or self._failed.get(name) or self._lost(name, unmade.topic_id)
        if known is not None:
            return known
        try:
            self._entries.clear(self._sound(), name)
            return self._rest(name, f"{self._roomiest()}/{name}", config, unmade)
        except StorageFailed as error:
            return error

    def _rest(self, name: TopicPartition, path: str, config: LogConfig, facts: AtRest) -> Log:
        return self._hold(
            name, Log.resting(path, config, facts, disk=self._disk, clock=self._clock, flusher=self._flusher)
        )

    def _hold(self, name: TopicPartition, log: Log) -> Log:
        self._logs[name] = log
        self._counts[_directory_of(log.path)] += 1
        return log

    def _lost(self, name: TopicPartition, topic_id: bytes) -> CorruptLog | None:
        lost = self._register.lost(name, topic_id)
        if lost is not None:
            self._failed[name], self._failed_paths[name] = lost, lost.path
        return lost

    def _sound(self) -> list[str]:
        return [directory for directory in self._directories if directory not in self._failed_directories]

    def _roomiest(self) -> str:
        """The sound directory with the fewest logs. Raises StorageFailed if none is sound."""
        sound = self._sound()
        if not sound:
            raise next(iter(self._failed_directories.values()))
        return min(sound, key=self._counts.__getitem__)

    def delete(self, name: TopicPartition) -> None:
        """Closes and deletes a log, a failed one too: its name is free when this returns, its room a while later.

        Raises UnknownTopic, StorageFailed.
        """
        path = self._failed_paths.get(name) or self._log(name).path
        directory = _directory_of(path)
        if name in self._logs:
            self._logs[name].abandon()
        is_made = self._disk.exists(path)
        doomed = self._entries.unused(directory, DELETED_SUFFIX)
        if is_made:
            self._disk.rename(path, doomed)
        self._counts[directory] -= name in self._logs
        for known in (self._logs, self._failed, self._failed_paths):
            known.pop(name, None)
        self._register.forget(name)
        if not is_made:
            return
        self._disk.sync_directory(directory)
        # Should it fail, the leftovers go at the next opening.
        self._flusher.background.submit(partial(self._entries.remove, doomed))

    def move(self, name: TopicPartition, directory: str) -> LogMove:
        """A log sets out for another data directory (moving.py). Raises UnknownTopic, StorageFailed."""
        if (failure := self._failed_directories.get(directory)) is not None:
            raise failure
        log = self._log(name)
        self._entries.clear([directory], name)
        return LogMove(log, f"{directory}/{name}", self._entries.unused(directory, MOVING_SUFFIX), self._disk)

    def arrive(self, name: TopicPartition, move: LogMove) -> None:
        """The log lives in the other directory from now on. Raises StorageFailed, CorruptLog, LogClosed, UnknownTopic."""
        source = self.directory_of(name)
        doomed = self._entries.unused(source, DELETED_SUFFIX)
        move.switch(doomed)
        self._counts[source] -= 1
        self._counts[self.directory_of(name)] += 1
        self._flusher.background.submit(partial(self._entries.remove, doomed))

    def set_aside(self, name: TopicPartition) -> None:
        """Closes a log that is not the one its name belongs to, and gives it another name. Its files stay.

        Raises UnknownTopic, StorageFailed.
        """
        log = self._log(name)
        log.close()
        del self._logs[name]
        self._counts[_directory_of(log.path)] -= 1
        self._entries.set_aside(_directory_of(log.path), name)

    def checkpoint(self) -> None:
        """Moves the recovery points of all logs up, so that a crash costs little to recover from, and registers them.

        A log that fails notes it itself: see `Log.failure`. Raises StorageFailed if they cannot be registered.
        """
        for log in list(self._logs.values()):
            if log.has_news:
                try:
                    log.checkpoint()
                except (StorageFailed, LogClosed):
                    continue
        self._write_register()

    def _write_register(self) -> None:
        if self._directories[0] not in self._failed_directories:
            self._register.write(self._logs)

    def close(self) -> None:
        """Closes all logs and leaves the mark of a clean stop, unless one of them failed.

        Raises the first StorageFailed after all logs are closed.
        """
        threads = self._threads_per_directory * len(self._directories)
        errors = close_all(self._logs.values(), self._flusher.background, threads)
        try:
            if not errors:
                self._write_register()
            if not errors and not self._failed:
                for directory in self._sound():
                    checkpoint.replace(self._disk, f"{directory}/{CLEAN_MARKER}", CLEAN, b"")
        finally:
            self._release()
        if errors:
            raise errors[0]

    def _log(self, name: TopicPartition) -> Log:
        if name not in self._logs:
            raise UnknownTopic(str(name))
        return self._logs[name]

    def _open(self, path: str, config: LogConfig) -> Log:
        """The log, at rest unless it has something to do."""
        log = Log.open(path, config, disk=self._disk, clock=self._clock, flusher=self._flusher, lock=False)
        log.rest()
        return log

    def _open_all(
        self,
        config_for: Callable[[TopicPartition], LogConfig | None],
        progress: Callable[[int, int], None] | None,
    ) -> None:
        found = []
        for name, directories in self._entries.logs(self._sound()).items():
            config = config_for(name)
            if config is None:
                continue
            directory = self._entries.choose(name, directories)
            path, facts = f"{directory}/{name}", self._register.found(name, directory)
            if facts is not None:
                self._rest(name, path, config, facts)
            else:
                found.append(Found(name, path, config))
        # After a clean stop little is read and nothing waits for the device: threads would only take turns.
        threads = 1 if self.clean_start else self._threads_per_directory
        outcomes = Opening(found, self._open, progress).run(self._flusher.background, threads)
        for (name, path, _), outcome in zip(found, outcomes, strict=True):
            if isinstance(outcome, Log):
                self._hold(name, outcome)
            else:
                self._failed[name] = outcome
                self._failed_paths[name] = path

    def _take(self, directory: str) -> None:
        """Takes the ownership of a directory; one that fails is noted as long as another is left."""
        try:
            self._disk.make_directory(directory)
            self._locks.append(self._disk.lock(directory))
            self._entries.remove_leftovers(directory)
        except StorageFailed as error:
            self._failed_directories[directory] = error
            if not self._sound():
                raise

    def _take_markers(self) -> bool:
        paths = [f"{directory}/{CLEAN_MARKER}" for directory in self._sound()]
        present = [path for path in paths if self._disk.exists(path)]
        for path in present:
            self._disk.unlink(path)
            self._disk.sync_directory(_directory_of(path))
        return len(present) == len(paths)

    def _release(self) -> None:
        locks, self._locks = self._locks, []
        for lock in locks:
            lock.release()


def _directory_of(path: str) -> str:
    return path.rpartition("/")[0]
