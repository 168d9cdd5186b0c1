"""The group coordinator of a broker: its groups over the partitions of `__consumer_offsets` that it leads.

    coordinator.run("g", Join("g", ...))      -> the answer, or a future of it
    coordinator.ask(DescribeClassic("g"))     -> what is so now
    await coordinator.ensure_topic()          -> there is a __consumer_offsets

Lives here: the face. Must not live here: decisions (groups), which shard a group belongs to (`routing`), and what happens
within a shard (`shard_runner`). Everything runs on the event loop's thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from cordwood.coordinator.face import Coordinator
from cordwood.coordinator.group_shards import GroupShards
from cordwood.coordinator.lag import Lag
from cordwood.coordinator.report import GroupReport, health_of
from cordwood.coordinator.routing import InternalTopics, Metadata, Shards
from cordwood.coordinator.settings import OFFSETS_TOPIC, CoordinatorSettings
from cordwood.coordinator.surroundings import Surroundings
from cordwood.coordinator.topics import ClusterTopics
from cordwood.coordinator.transaction_marker import TransactionMarker
from cordwood.env.background import Background
from cordwood.env.clock import Clock
from cordwood.env.dice import Dice
from cordwood.groups.classic.views import GroupListing
from cordwood.groups.listing import ListGroups
from cordwood.groups.offsets.commands import ForgetTopics
from cordwood.groups.settings import GroupSettings
from cordwood.groups.shard import Shard
from cordwood.log.log import Appended
from cordwood.metadata import Image
from cordwood.model.ids import BrokerId
from cordwood.replica.partition import Partition
from cordwood.replica.partitions import Partitions


class GroupCoordinator(Coordinator[Shard]):
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
        group_settings_of: Callable[[Image], GroupSettings] | None = None,
    ) -> None:
        """`group_settings_of` tells what an image makes of the settings of groups; without it they stay."""
        self.settings = settings
        self._group_settings_of = group_settings_of
        self._metadata = metadata
        self._topics = ClusterTopics(metadata.image)
        self._kind = GroupShards(settings, clock, dice, self._topics)
        self._take_settings(metadata.image)
        shards: Shards[Shard] = Shards(
            OFFSETS_TOPIC,
            self._kind,
            internal_topics=InternalTopics(metadata, dice, settings.internal_topics),
            partitions=partitions,
            broker_id=broker_id,
            around=Surroundings(loop=loop, clock=clock, background=background),
        )
        super().__init__(shards)
        self._lag = Lag(partitions, clock, lambda: self._shards.all)

    # Life.

    def start(self) -> None:
        """Takes up the shards that this broker leads, once its partitions are open."""
        self._shards.lead(self._metadata.image)
        self._lag.start()

    def follow(self, before: Image, after: Image) -> None:
        """Follows one change of the metadata, after the partitions did."""
        self._topics.follow(after)
        if after.configs is not before.configs:
            self._take_settings(after)
        self._shards.lead(after)
        if after.topics is before.topics:
            return
        gone = before.topics_by_id.keys() - after.topics_by_id.keys()
        if gone:
            names = frozenset(before.topics_by_id[topic_id].name for topic_id in gone)
            for runner in self._shards.all:
                runner.tell(ForgetTopics(names))

    def _take_settings(self, image: Image) -> None:
        if self._group_settings_of is not None:
            self._kind.settings = self._group_settings_of(image)

    async def close(self) -> None:
        """Ends every shard; whoever waits is told that this broker coordinates no more."""
        await self._lag.stop()
        await self._shards.close()

    # Groups.

    def run(self, group: str, command: Any) -> Any:  # noqa: ANN401 - the command knows what answers it.
        """Carries out a command: its answer, or a future of it, which is a CordwoodError where the command failed.

        Raises NotCoordinator, CoordinatorLoading, CoordinatorNotAvailable.
        """
        return self._shards.run(group, command)

    def ask(self, query: Any) -> Any:  # noqa: ANN401 - the query knows what answers it.
        """What is so in a group now, as far as its shard has decided. Raises as `run`, and what the query raises."""
        return self._shards.ask(query.group, query)

    def list_groups(self, query: ListGroups) -> list[GroupListing]:
        """The groups of all shards. Raises CoordinatorLoading while one of them loads."""
        return [listing for runner in self._shards.all for listing in runner.ask(query)]

    def append_marker(self, partition: Partition, marker: TransactionMarker) -> Appended:
        """Ends a transaction in a partition of `__consumer_offsets`: its offsets count, or are forgotten.

        Raises NotCoordinator, CoordinatorLoading, CoordinatorNotAvailable, and as `Partition.append_marker`.
        """
        return self._shards.at(partition.name.partition).append_marker(marker)

    async def report(self) -> GroupReport:
        """Every group of this broker, how far it is behind, and what happened since the start."""
        groups = await self._lag.snapshot()
        return GroupReport(groups, self._kind.counts, health_of(self._shards.all))
