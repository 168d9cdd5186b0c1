"""What both coordinators say of their shards and the internal topic that these are kept in.

Lives here: the questions that need nothing but the shards. Must not live here: commands, which know what they are for
(`groups`, `transactions`), and how a name finds its shard (`routing`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic

from cordwood.coordinator.routing import Shards
from cordwood.coordinator.shard_kind import S
from cordwood.coordinator.shard_runner import ShardRunner
from cordwood.model.ids import BrokerId


class Coordinator(Generic[S]):
    """The shards of one kind that this broker leads. A name is that of a group, or a transactional id."""

    def __init__(self, shards: Shards[S]) -> None:
        self._shards = shards

    @property
    def partition_count(self) -> int:
        """How many shards there are in the cluster, or will be once the topic is made."""
        return self._shards.partition_count

    def partition_for(self, name: str) -> int:
        """The partition of the internal topic that a name belongs to."""
        return self._shards.partition_for(name)

    def leader_of(self, name: str) -> BrokerId:
        """The broker that coordinates a name. Raises CoordinatorNotAvailable while there is none."""
        return self._shards.leader_of(name)

    async def ensure_topic(self) -> None:
        """Makes the internal topic if there is none. Raises CoordinatorNotAvailable."""
        await self._shards.ensure_topic()

    @property
    def shards(self) -> Sequence[ShardRunner[S]]:
        """The shards that this broker leads."""
        return self._shards.all
