"""The shards of one internal topic that this broker leads: which shard a name belongs to, and their lives.

    shards.run("g", Join("g", ...))      -> the answer, or a future of it
    await shards.ensure_topic()          -> there is such a topic

A group or transactional id belongs to the partition that the hash of its name says (Java's, so that every client and tool
of Kafka agrees), and the leader of that partition coordinates it.

Lives here: routing, the making of the internal topic, following of the metadata. Must not live here: what happens within
a shard (`shard_runner`). Everything runs on the event loop's thread.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final, Generic, Protocol, TypeVar

from cordwood.coordinator.shard_kind import S, ShardKind
from cordwood.coordinator.shard_runner import ShardRunner
from cordwood.coordinator.surroundings import Surroundings
from cordwood.env.dice import Dice
from cordwood.metadata import Image, Result, topics
from cordwood.metadata.image import Partition as PartitionState
from cordwood.metadata.topics import InternalTopic, NewTopic, TopicDefaults
from cordwood.model.errors import CordwoodError, TopicExists
from cordwood.model.group_errors import CoordinatorNotAvailable, NotCoordinator
from cordwood.model.ids import BrokerId, ProducerId
from cordwood.replica.partition import Partition

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

    async def new_producer_id(self, broker_id: BrokerId) -> ProducerId:
        """A producer id that nobody had before. Raises as `propose`."""
        ...


class Held(Protocol):
    """The partitions of this broker."""

    def get(self, name: tuple[str, int]) -> Partition | None:
        """The partition, if this broker holds it and its log is sound."""
        ...


class InternalTopics:
    """Makes the internal topics when they are first needed."""

    def __init__(self, metadata: Metadata, dice: Dice, needs: Mapping[str, InternalTopic]) -> None:
        self.metadata = metadata
        self.needs = needs
        """What each of them needs, by name."""
        self._dice = dice

    async def create(self, name: str) -> None:
        """Makes one, if nobody else has. Raises what keeps it from being made."""
        defaults = TopicDefaults(internal=dict(self.needs))
        created = await self.metadata.propose(
            lambda image: topics.create(
                image,
                [NewTopic(name)],
                new_id=lambda: topics.new_topic_id(self._dice.token),
                defaults=defaults,
            )
        )
        error = created[0].error
        if error is not None and not isinstance(error, TopicExists):
            raise error


class Shards(Generic[S]):
    """All shards of one kind whose partitions this broker leads."""

    def __init__(
        self,
        topic: str,
        kind: ShardKind[S],
        *,
        internal_topics: InternalTopics,
        partitions: Held,
        broker_id: BrokerId,
        around: Surroundings,
    ) -> None:
        self._topic = topic
        self._kind = kind
        self._internal_topics = internal_topics
        self._metadata = internal_topics.metadata
        self._partitions = partitions
        self._broker_id = broker_id
        self._around = around
        self._runners: dict[int, ShardRunner[S]] = {}
        self._creation: asyncio.Task[None] | None = None
        self._closed = False

    # Life.

    def lead(self, image: Image) -> None:
        """Takes up the shards that this broker leads by this image, once its partitions are open, and ends others."""
        topic = image.topics.get(self._topic)
        states = {} if topic is None else {partition.index: partition for partition in topic.partitions}
        for index in [index for index, runner in self._runners.items() if not self._leads(states.get(index), runner)]:
            self._runners.pop(index).close()
        for index, state in states.items():
            partition = self._partitions.get((self._topic, index))
            if index not in self._runners and state.leader == self._broker_id and partition is not None:
                self._runners[index] = ShardRunner(partition, self._kind, self._around)

    def _leads(self, state: PartitionState | None, runner: ShardRunner[S]) -> bool:
        """Whether a shard is still what it was: the same partition object, led by this broker without a break."""
        if state is None or state.leader != self._broker_id or state.leader_epoch != runner.leader_epoch:
            return False
        return self._partitions.get((self._topic, state.index)) is runner.partition

    async def close(self) -> None:
        """Ends every shard; whoever waits is told that this broker coordinates no more."""
        self._closed = True
        if self._creation is not None:
            self._creation.cancel()
            await asyncio.gather(self._creation, return_exceptions=True)
        runners = self.all
        self._runners.clear()
        for runner in runners:
            runner.close()
        await asyncio.gather(*(runner.closed() for runner in runners))

    # The internal topic.

    @property
    def partition_count(self) -> int:
        """How many shards there are, or will be once the topic is made."""
        topic = self._metadata.image.topics.get(self._topic)
        return self._internal_topics.needs[self._topic].partitions if topic is None else len(topic.partitions)

    def partition_for(self, name: str) -> int:
        """The partition that a group or transactional id belongs to."""
        return (java_hash(name) & 0x7FFF_FFFF) % self.partition_count

    def leader_of(self, name: str) -> BrokerId:
        """The broker that coordinates it. Raises CoordinatorNotAvailable while there is none."""
        state = self._metadata.image.find_partition(self._topic, self.partition_for(name))
        if state is None or state.leader < 0:
            raise CoordinatorNotAvailable(name, f"its partition of {self._topic} has no leader")
        return BrokerId(state.leader)

    async def ensure_topic(self) -> None:
        """Makes the topic if there is none. Raises CoordinatorNotAvailable."""
        if self._topic in self._metadata.image.topics:
            return
        try:
            await asyncio.shield(self._create_once())
        except CordwoodError as error:
            raise CoordinatorNotAvailable("", f"{self._topic} could not be made: {error}") from error

    def _create_once(self) -> asyncio.Task[None]:
        if self._creation is None or self._creation.done():
            self._creation = self._around.loop.create_task(self._internal_topics.create(self._topic))
        return self._creation

    # Asking.

    def run(self, name: str, command: Any) -> Any:  # noqa: ANN401 - the command knows what answers it.
        """Carries out a command: its answer, or a future of it, which is a CordwoodError where the command failed.

        Raises NotCoordinator, CoordinatorLoading, CoordinatorNotAvailable.
        """
        return self.runner(name).run(command)

    def ask(self, name: str, query: Any) -> Any:  # noqa: ANN401 - the query knows what answers it.
        """What is so now, as far as the shard has decided. Raises as `run`, and what the query raises."""
        return self.runner(name).ask(query)

    @property
    def all(self) -> list[ShardRunner[S]]:
        """The shards that this broker leads."""
        return list(self._runners.values())

    def at(self, index: int) -> ShardRunner[S]:
        """The shard of a partition. Raises NotCoordinator."""
        runner = self._runners.get(index)
        if runner is None:
            raise NotCoordinator(f"{self._topic}-{index}")
        return runner

    def runner(self, name: str) -> ShardRunner[S]:
        """The shard of a group or transactional id. Raises NotCoordinator, CoordinatorNotAvailable."""
        runner = self._runners.get(self.partition_for(name))
        if runner is not None:
            return runner
        if self._closed:
            raise NotCoordinator(name)
        if self._topic in self._metadata.image.topics:
            if self.leader_of(name) == self._broker_id:
                raise CoordinatorNotAvailable(name, f"the log of its partition of {self._topic} cannot be opened")
            raise NotCoordinator(name)
        self._create_once().add_done_callback(self._note_failure)
        raise CoordinatorNotAvailable(name, f"{self._topic} is being made")

    def _note_failure(self, creation: asyncio.Task[None]) -> None:
        if not creation.cancelled() and (error := creation.exception()) is not None:
            logger.error("%s could not be made: %s", self._topic, error)


@lru_cache(HASHES_REMEMBERED)
def java_hash(text: str) -> int:
    """What Java's String.hashCode says, in 32 bits without a sign."""
    units = text.encode("utf-16-be", "surrogatepass")
    total = 0
    for index in range(0, len(units), 2):
        total = (31 * total + (units[index] << 8 | units[index + 1])) & 0xFFFF_FFFF
    return total
