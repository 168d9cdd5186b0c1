"""The group coordinator of a broker: which shard a group belongs to, and the life of the shards.

    coordinator.run("g", Join("g", ...))      -> the answer, or a future of it
    coordinator.ask(DescribeClassic("g"))     -> what is so now
    await coordinator.ensure_topic()          -> there is a __consumer_offsets

A group belongs to the partition of `__consumer_offsets` that the hash of its name says (Java's, so that every client and
tool of Kafka agrees), and the leader of that partition coordinates it.

Lives here: routing, the internal topic, following of the metadata. Must not live here: decisions (groups), and what
happens within a shard (`shard_runner`). Everything runs on the event loop's thread.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final, Protocol, TypeVar

from cordwood.coordinator.lag import Lag
from cordwood.coordinator.report import GroupReport, report_of
from cordwood.coordinator.settings import OFFSETS_TOPIC, CoordinatorSettings
from cordwood.coordinator.shard_runner import ShardRunner
from cordwood.coordinator.surroundings import Surroundings
from cordwood.coordinator.topics import ClusterTopics
from cordwood.env.background import Background
from cordwood.env.clock import Clock
from cordwood.env.dice import Dice
from cordwood.groups.classic.views import GroupListing
from cordwood.groups.listing import ListGroups
from cordwood.groups.offsets.commands import ForgetTopics
from cordwood.metadata import Image, Result, topics
from cordwood.metadata.image import Partition as PartitionState
from cordwood.metadata.topics import NewTopic, TopicDefaults
from cordwood.model.errors import CordwoodError, TopicExists
from cordwood.model.group_errors import CoordinatorNotAvailable, NotCoordinator
from cordwood.model.ids import BrokerId
from cordwood.replica.partitions import Partitions

logger = logging.getLogger(__name__)

HASHES_REMEMBERED: Final = 65_536

T = TypeVar("T")


class Metadata(Protocol):
    """The metadata of the cluster, and the way to change them: the controller."""

    @property
    def image(self) -> Image:
        """The newest image."""
        ...

    async def propose(self, decide: Callable[[Image], Result[T]]) -> T:
        """The reply of a decision once its records have taken effect. Raises what `decide` raises, and StorageFailed."""
        ...


class GroupCoordinator:
    """All groups whose partitions this broker leads."""

    def __init__(
        self,
        partitions: Partitions,
        metadata: Metadata,
        *,
        broker_id: BrokerId,
        settings: CoordinatorSettings,
        clock: Clock,
        dice: Dice,
        background: Background,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self.settings = settings
        self._partitions = partitions
        self._metadata = metadata
        self._broker_id = broker_id
        self._dice = dice
        self._topics = ClusterTopics(metadata.image)
        self._around = Surroundings(
            loop=loop, clock=clock, dice=dice, background=background, settings=settings, topics=self._topics
        )
        self._runners: dict[int, ShardRunner] = {}
        self._lag = Lag(partitions, clock, self._runners.values)
        self._creation: asyncio.Task[None] | None = None
        self._closed = False

    # Life.

    def start(self) -> None:
        """Takes up the shards that this broker leads, once its partitions are open."""
        self._lead(self._metadata.image)
        self._lag.start()

    def follow(self, before: Image, after: Image) -> None:
        """Follows one change of the metadata, after the partitions did."""
        self._topics.follow(after)
        self._lead(after)
        if after.topics is before.topics:
            return
        gone = before.topics_by_id.keys() - after.topics_by_id.keys()
        if gone:
            names = frozenset(before.topics_by_id[topic_id].name for topic_id in gone)
            for runner in self._runners.values():
                runner.tell(ForgetTopics(names))

    async def close(self) -> None:
        """Ends every shard; whoever waits is told that this broker coordinates no more."""
        self._closed = True
        await self._lag.stop()
        if self._creation is not None:
            self._creation.cancel()
            await asyncio.gather(self._creation, return_exceptions=True)
        runners = self.shards
        self._runners.clear()
        for runner in runners:
            runner.close()
        await asyncio.gather(*(runner.closed() for runner in runners))

    def _lead(self, image: Image) -> None:
        topic = image.topics.get(OFFSETS_TOPIC)
        held = {} if topic is None else {partition.index: partition for partition in topic.partitions}
        for index in [index for index, runner in self._runners.items() if not self._leads(held.get(index), runner)]:
            self._runners.pop(index).close()
        for index, state in held.items():
            partition = self._partitions.get((OFFSETS_TOPIC, index))
            if index not in self._runners and state.leader == self._broker_id and partition is not None:
                self._runners[index] = ShardRunner(partition, self._around)

    def _leads(self, state: PartitionState | None, runner: ShardRunner) -> bool:
        """Whether a shard is still what it was: the same partition object, led by this broker."""
        if state is None or state.leader != self._broker_id:
            return False
        return self._partitions.get((OFFSETS_TOPIC, state.index)) is runner.partition

    # The internal topic.

    @property
    def partition_count(self) -> int:
        """How many shards there are, or will be once the topic is made."""
        topic = self._metadata.image.topics.get(OFFSETS_TOPIC)
        return self.settings.offsets_topic.partitions if topic is None else len(topic.partitions)

    def partition_for(self, group: str) -> int:
        """The partition of `__consumer_offsets` that a group belongs to."""
        return (java_hash(group) & 0x7FFF_FFFF) % self.partition_count

    def leader_of(self, group: str) -> BrokerId:
        """The broker that coordinates a group. Raises CoordinatorNotAvailable while there is none."""
        state = self._metadata.image.find_partition(OFFSETS_TOPIC, self.partition_for(group))
        if state is None or state.leader < 0:
            raise CoordinatorNotAvailable(group, f"its partition of {OFFSETS_TOPIC} has no leader")
        return BrokerId(state.leader)

    async def ensure_topic(self) -> None:
        """Makes `__consumer_offsets` if there is none. Raises CoordinatorNotAvailable."""
        if OFFSETS_TOPIC in self._metadata.image.topics:
            return
        try:
            await asyncio.shield(self._create_once())
        except CordwoodError as error:
            raise CoordinatorNotAvailable("", f"{OFFSETS_TOPIC} could not be made: {error}") from error

    def _create_once(self) -> asyncio.Task[None]:
        if self._creation is None or self._creation.done():
            self._creation = asyncio.get_running_loop().create_task(self._create())
        return self._creation

    async def _create(self) -> None:
        defaults = TopicDefaults(internal=self.settings.internal_topics)
        created = await self._metadata.propose(
            lambda image: topics.create(
                image,
                [NewTopic(OFFSETS_TOPIC)],
                new_id=lambda: topics.new_topic_id(self._dice.token),
                defaults=defaults,
            )
        )
        error = created[0].error
        if error is not None and not isinstance(error, TopicExists):
            raise error

    # Groups.

    def run(self, group: str, command: Any) -> Any:  # noqa: ANN401 - the command knows what answers it.
        """Carries out a command: its answer, or a future of it, which is a CordwoodError where the command failed.

        Raises NotCoordinator, CoordinatorLoading, CoordinatorNotAvailable.
        """
        return self._runner(group).run(command)

    def ask(self, query: Any) -> Any:  # noqa: ANN401 - the query knows what answers it.
        """What is so in a group now, as far as its shard has decided. Raises as `run`, and what the query raises."""
        return self._runner(query.group).ask(query)

    def list_groups(self, query: ListGroups) -> list[GroupListing]:
        """The groups of all shards. Raises CoordinatorLoading while one of them loads."""
        return [listing for runner in self._runners.values() for listing in runner.ask(query)]

    async def report(self) -> GroupReport:
        """Every group of this broker, how far it is behind, and what happened since the start."""
        groups = await self._lag.snapshot()
        return report_of(groups, self._around.counts, self._runners.values())

    @property
    def shards(self) -> list[ShardRunner]:
        """The shards that this broker leads."""
        return list(self._runners.values())

    def _runner(self, group: str) -> ShardRunner:
        runner = self._runners.get(self.partition_for(group))
        if runner is not None:
            return runner
        if self._closed:
            raise NotCoordinator(group)
        if OFFSETS_TOPIC in self._metadata.image.topics:
            if self.leader_of(group) == self._broker_id:
                raise CoordinatorNotAvailable(group, "the log of its groups cannot be opened")
            raise NotCoordinator(group)
        self._create_once().add_done_callback(_note_failure)
        raise CoordinatorNotAvailable(group, f"{OFFSETS_TOPIC} is being made")


def _note_failure(creation: asyncio.Task[None]) -> None:
    if not creation.cancelled() and (error := creation.exception()) is not None:
        logger.error("%s could not be made: %s", OFFSETS_TOPIC, error)


@lru_cache(HASHES_REMEMBERED)
def java_hash(text: str) -> int:
    """What Java's String.hashCode says, in 32 bits without a sign."""
    units = text.encode("utf-16-be", "surrogatepass")
    total = 0
    for index in range(0, len(units), 2):
        total = (31 * total + (units[index] << 8 | units[index + 1])) & 0xFFFF_FFFF
    return total
