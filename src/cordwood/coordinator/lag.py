"""How far groups are behind.

Lives here: one snapshot of all groups of this broker, and the notes of high watermarks that give lags in seconds. Must
not live here: names of metrics (console).

A snapshot of a hundred thousand groups takes a while: it is taken piece by piece, and the event loop serves others in
between. Each group is as it was at one moment.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple

from cordwood.coordinator.shard_runner import ShardRunner
from cordwood.coordinator.watermarks import Watermarks
from cordwood.env.clock import Clock
from cordwood.groups import kinds
from cordwood.groups.kinds import Group
from cordwood.groups.shard import Shard
from cordwood.replica.partition import Partition
from cordwood.replica.partitions import Partitions

NOTE_SECONDS: Final = 5.0
"""How often high watermarks are noted: the grain of a lag in seconds."""

SLICE_SECONDS: Final = 0.003


class OffsetLag(NamedTuple):
    """A group in one partition. The lags are None where the partition is not on this broker."""

    topic: str
    partition: int
    offset: int
    lag: int | None
    seconds: float | None


class GroupLag(NamedTuple):
    """A group, and how far it is in each partition."""

    group: str
    type: str
    state: str
    member_count: int
    offsets: tuple[OffsetLag, ...]


class Lag:
    """Takes notes while it runs, and snapshots on demand."""

    def __init__(
        self, partitions: Partitions, clock: Clock, shards: Callable[[], Iterable[ShardRunner[Shard]]]
    ) -> None:
        self._partitions = partitions
        self._clock = clock
        self._shards = shards
        self._watermarks = Watermarks()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begins to take notes in the running loop."""
        self._task = asyncio.get_running_loop().create_task(self._repeat())

    async def stop(self) -> None:
        """Takes no more notes."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _repeat(self) -> None:
        while True:
            self.note()
            await asyncio.sleep(NOTE_SECONDS)

    def note(self) -> None:
        """Notes how far each partition is now."""
        every: Iterable[Partition] = self._partitions.all()
        self._watermarks.note(
            self._clock.monotonic(), ((partition.name, partition.high_watermark) for partition in every)
        )

    async def snapshot(self) -> list[GroupLag]:
        """All groups of all shards that are loaded."""
        found = []
        monotonic = self._clock.monotonic
        until = monotonic() + SLICE_SECONDS
        for runner in list(self._shards()):
            for group in self._groups_of(runner):
                found.append(group)
                if monotonic() >= until:
                    await asyncio.sleep(0)
                    until = monotonic() + SLICE_SECONDS
        return found

    def _groups_of(self, runner: ShardRunner[Shard]) -> Iterator[GroupLag]:
        shard = runner.shard
        for name in list(shard.groups):
            group = shard.groups.get(name)
            if group is not None and runner.is_active:
                yield self._group(name, group, shard)

    def _group(self, name: str, group: Group, shard: Shard) -> GroupLag:
        listing = kinds.listing(group)
        now = self._clock.monotonic()
        offsets = tuple(
            self._offset(topic, partition, record.offset, now)
            for topic, by_partition in shard.offsets.of_group(name).items()
            for partition, record in by_partition.items()
        )
        return GroupLag(name, listing.type, listing.state, kinds.member_count(group), offsets)

    def _offset(self, topic: str, index: int, offset: int, now: float) -> OffsetLag:
        partition = self._partitions.get((topic, index))
        if partition is None:
            return OffsetLag(topic, index, offset, None, None)
        lag = max(0, partition.high_watermark - offset)
        return OffsetLag(topic, index, offset, lag, self._watermarks.age((topic, index), offset, now) if lag else 0.0)
