"""The partitions that this broker holds, kept equal to what the metadata says.

Lives here: opening, creating, reconfiguring and deleting partitions as the image changes. Must not live here: the
decision that they should exist (metadata), and their files (log).

Files are touched in background threads. The dictionary itself changes only on the event loop's thread, and lookups are
plain dictionary lookups: `get` takes any tuple of topic and index.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable

from cordwood.env.background import Background
from cordwood.env.disk import Disk
from cordwood.log.flusher import Flusher
from cordwood.log.log import Log
from cordwood.log.manager import LogManager
from cordwood.metadata import EMPTY, Image
from cordwood.metadata.delta import Held, delta
from cordwood.metadata.names import check_name
from cordwood.model.admin_errors import LogDirectoryNotFound
from cordwood.model.errors import CordwoodError, LogClosed, NotLeader, StorageFailed, UnknownTopic
from cordwood.model.ids import NO_TOPIC_ID, BrokerId, LeaderEpoch, TopicId, TopicPartition
from cordwood.model.settings import Layers
from cordwood.replica.cleaning import Cleaning
from cordwood.replica.directory import Directory
from cordwood.replica.moves import Moves
from cordwood.replica.partition import Partition, Post
from cordwood.replica.topic_settings import Resolved, TopicSettings

logger = logging.getLogger(__name__)


def _is_of(log: Log, held: Held) -> bool:
    """Whether the log is that of the partition, and not of another topic that had its name."""
    return log.topic_id in (NO_TOPIC_ID, held.topic_id)


class Partitions:
    """All partitions of this broker."""

    def __init__(
        self,
        manager: LogManager,
        *,
        broker_id: BrokerId,
        layers_of: Callable[[Image], Layers],
        disk: Disk,
        reserve_bytes: int,
        flusher: Flusher,
        background: Background,
        post: Post,
        cleaning: Cleaning,
    ) -> None:
        self._manager = manager
        self._broker_id = broker_id
        self._layers_of = layers_of
        self._flusher = flusher
        self._background = background
        self._post = post
        self._cleaning = cleaning
        self._by_name: dict[tuple[str, int], Partition] = {}
        self._offline: dict[tuple[str, int], CordwoodError] = {}
        """Partitions that are not found while a directory is out of reach, or whose log could not be made."""
        self._resolved = Resolved()
        self._image = EMPTY
        """The image that was followed last."""
        self._directories = {
            path: Directory(path, disk, reserve_bytes, self._directory_failed) for path in manager.directories
        }
        self.moves = Moves(manager, background, rest=self._rest, resume=self._resume)
        """Partitions that go from one directory to another."""
        for path, error in manager.failed_directories.items():
            self._directories[path].fail(error)

    # Looking up.

    def get(self, name: tuple[str, int]) -> Partition | None:
        """The partition, if this broker holds it and its log is sound."""
        return self._by_name.get(name)

    def all(self) -> Collection[Partition]:
        """Every partition, safe to walk from another thread."""
        return list(self._by_name.values())

    def why_missing(self, topic: str, index: int) -> CordwoodError:
        """The error for a partition that `get` did not find. Raises InvalidTopicName for a name that none can have."""
        check_name(topic)
        name = TopicPartition(topic, index)
        reason = self._offline.get(name) or self._manager.failed.get(name)
        if reason is not None:
            return reason
        state = self._image.find_partition(topic, index)
        if state is None or state.leader == self._broker_id:  # One of its own that is not here is only being made.
            return UnknownTopic(str(name))
        return NotLeader(str(name), state.leader)

    def directories(self) -> Collection[Directory]:
        """The data directories, also those that failed."""
        return self._directories.values()

    def directory_at(self, path: str) -> Directory:
        """The data directory of this path. Raises LogDirectoryNotFound."""
        found = self._directories.get(path)
        if found is None:
            raise LogDirectoryNotFound(path)
        return found

    def in_directory(self, directory: Directory) -> list[Partition]:
        """The partitions whose logs are there."""
        return [partition for partition in self._by_name.values() if partition.directory is directory]

    def is_offline(self, topic: str, index: int) -> bool:
        """Whether this broker should lead the partition and cannot, because of its storage."""
        partition = self._by_name.get((topic, index))
        return partition is None or partition.failure is not None

    @property
    def failure(self) -> StorageFailed | None:
        """Why the broker cannot go on: its first directory, which has the metadata, failed."""
        return next(iter(self._directories.values())).failure

    def _directory_failed(self, directory: Directory) -> None:
        error = directory.failure
        assert error is not None, "a directory told of a failure that it has not"
        self._manager.fail_directory(directory.path, error)
        for partition in self.in_directory(directory):
            partition.fail(error)

    # Following the metadata.

    def open(self, image: Image) -> None:
        """Takes up every partition that the image gives to this broker, at start, before anyone asks."""
        lost = next(iter(self._manager.failed_directories.values()), None)
        held_here = [held for held in delta(EMPTY, image).created if self._broker_id in held.partition.replicas]
        if lost is not None:  # A log may lie there: an empty one in its place would be a lie.
            self._offline.update({held.name: lost for held in held_here if self._manager.get(held.name) is None})
        found = [held for held in held_here if held.name not in self._offline]
        self._make_logs(image, found)
        self._take_up(image, found)
        self._image = image

    async def apply(self, before: Image, after: Image) -> None:
        """Follows one change of the metadata; returns when the files are as it says."""
        self._image = after  # Whoever waits for a partition that goes looks again when it is closed.
        change = delta(before, after)
        doomed = [self._by_name.pop(held.name) for held in change.deleted if held.name in self._by_name]
        for held in change.deleted:
            self._offline.pop(held.name, None)
        for partition in doomed:
            self.moves.give_up(partition.name)
            partition.close(UnknownTopic(str(partition.name)))
        created = [held for held in change.created if self._broker_id in held.partition.replicas]
        if doomed or created:
            async with self.moves.turn:
                await self._in_background(lambda: self._change_files(after, doomed, created))
        self._take_up(after, created)
        self._reconfigure(after, change.reconfigured)
        for held in change.changed:
            if (known := self._by_name.get(held.name)) is not None:
                known.lead(LeaderEpoch(held.partition.leader_epoch))

    async def _in_background(self, work: Callable[[], None]) -> None:
        await asyncio.wrap_future(self._background.submit(work))

    def _change_files(self, image: Image, doomed: list[Partition], created: list[Held]) -> None:
        for partition in doomed:
            self._cleaning.forget(partition.log)
            self._manager.delete(partition.name)
        self._make_logs(image, created)

    def _make_logs(self, image: Image, created: Iterable[Held]) -> None:
        """Has logs where there are none yet; they are made when they are touched."""
        missing: dict[tuple[str, TopicId], list[TopicPartition]] = {}
        for held in created:
            if self._is_missing(held):
                missing.setdefault((held.name.topic, held.topic_id), []).append(held.name)
        for (topic, topic_id), names in missing.items():
            config = self._settings_of(image, topic).log
            for name, outcome in zip(names, self._manager.adopt_all(names, config, topic_id), strict=True):
                if isinstance(outcome, CordwoodError):
                    self._offline[name] = outcome
                    logger.error("cannot create the log of %s: %s", name, outcome)

    def _is_missing(self, held: Held) -> bool:
        """Whether the log has to be made. The log of another topic of that name is set aside."""
        log = self._manager.get(held.name)
        if log is None:
            return held.name not in self._manager.failed
        if _is_of(log, held):
            return False
        logger.warning("%s holds the records of another topic of that name; they are set aside", log.path)
        try:
            self._manager.set_aside(held.name)
        except StorageFailed as error:
            logger.error("%s cannot be set aside: %s", log.path, error)
            return False
        return True

    def _take_up(self, image: Image, created: Iterable[Held]) -> None:
        """Leads the partitions whose logs are sound; of the others the manager knows the reason."""
        topics: dict[str, TopicSettings] = {}
        for held in created:
            log = self._manager.get(held.name)
            if log is None or not _is_of(log, held):
                continue
            directory = self._directories[self._manager.directory_of(held.name)]
            partition = Partition(held.name, log, directory, self._flusher, self._post)
            partition.lead(LeaderEpoch(held.partition.leader_epoch))
            topic = held.name.topic
            if topic not in topics:
                topics[topic] = self._settings_of(image, topic)
            self._configure(partition, topics[topic])
            self._by_name[held.name] = partition

    def _reconfigure(self, image: Image, names: Iterable[str]) -> None:
        for topic in names:
            settings = self._settings_of(image, topic)
            for index in range(len(image.topics[topic].partitions)):
                if (partition := self._by_name.get((topic, index))) is not None:
                    partition.log.reconfigure(settings.log)
                    self._configure(partition, settings)

    def _settings_of(self, image: Image, topic: str) -> TopicSettings:
        return self._resolved.of(image.topic_configs(topic), self._layers_of(image))

    def _configure(self, partition: Partition, settings: TopicSettings) -> None:
        """What a partition takes from its topic's settings beside the log's configuration."""
        partition.min_in_sync_replicas = settings.min_in_sync_replicas
        partition.demands = settings.demands
        partition.configured()
        if not self.moves.concerns(partition.name):
            self._cleaning.follow(partition, settings.compaction)

    def _rest(self, partition: Partition) -> None:
        self._cleaning.forget(partition.log)

    def _resume(self, partition: Partition) -> None:
        """The partition is where it is to stay: it is compacted again, as its topic says by now."""
        if self._by_name.get(partition.name) is partition and not self.moves.concerns(partition.name):
            self._configure(partition, self._settings_of(self._image, partition.name.topic))

    # The end.

    def wake_all(self) -> None:
        """Makes every waiting reader look again, for example because the broker is draining."""
        for partition in list(self._by_name.values()):
            partition.wake_readers()

    def close(self) -> None:
        """Everybody who still waits is told that the logs close; the manager closes the files."""
        self.moves.close()
        for partition in self._by_name.values():
            partition.close(LogClosed(partition.log.path))
        self._by_name.clear()
