"""A shard on a simulated disk: time, threads and the flusher take their turns when the rig says so."""

from __future__ import annotations

import asyncio
from typing import Any

from cordwood.coordinator.group_shards import GroupShards
from cordwood.coordinator.settings import CoordinatorSettings
from cordwood.coordinator.shard_runner import ShardRunner, State
from cordwood.coordinator.surroundings import Surroundings
from cordwood.coordinator.topics import ClusterTopics
from cordwood.env.dice import SeededDice
from cordwood.groups.classic.commands import Assignment, Join, Sync
from cordwood.groups.classic.member import MemberProtocol
from cordwood.groups.classic.replies import JoinReply
from cordwood.groups.offsets.commands import Commit, CommitOffset, FetchOffsets
from cordwood.groups.offsets.replies import OffsetsFetched
from cordwood.groups.settings import GroupSettings
from cordwood.log.config import LogConfig
from cordwood.log.log import Log
from cordwood.metadata import EMPTY, Image, replay_all
from cordwood.metadata.records import PartitionRecord, TopicRecord
from cordwood.model.ids import LeaderEpoch, TopicId, TopicPartition
from cordwood.replica.directory import Directory
from cordwood.replica.partition import Partition
from cordwood.sim.clock import SimClock
from cordwood.sim.disk import SimDisk
from cordwood.sim.flusher import SimFlusher

DATA = "/sim"
PATH = f"{DATA}/__consumer_offsets-0"
NAME = TopicPartition("__consumer_offsets", 0)
RANGE = MemberProtocol("range", b"\0\0\0\0\0\1\0\6orders\xff\xff\xff\xff")


def image_of(*names: str) -> Image:
    """Topics of four partitions."""
    records: list[Any] = []
    for name in names:
        topic_id = TopicId(name.encode().ljust(16, b"."))
        records.append(TopicRecord(name, topic_id))
        records += [PartitionRecord(topic_id, index, (1,)) for index in range(4)]
    return replay_all(EMPTY, records)


class Rig:
    """One life of a process that coordinates one shard."""

    def __init__(
        self,
        disk: SimDisk | None = None,
        *,
        policy: str = "commit",
        max_message_bytes: int = 1 << 20,
        reserve_bytes: int = 0,
        image: Image | None = None,
        load_buffer_bytes: int = 5 << 20,
    ) -> None:
        self.disk = disk or SimDisk(SeededDice(1))
        self.flusher = SimFlusher()
        self.clock = self.flusher.clock
        self.disk.make_directory(DATA)
        config = LogConfig(flush_policy=policy, max_message_bytes=max_message_bytes)  # type: ignore[arg-type]
        self.log = Log.open(PATH, config, disk=self.disk, clock=self.clock, flusher=self.flusher, lock=False)
        self.directory = Directory(DATA, self.disk, reserve_bytes, lambda _: self.partition.fail(self._failure()))
        loop = asyncio.get_running_loop()
        self.partition = Partition(NAME, self.log, self.directory, self.flusher, self._post)
        self.partition.lead(LeaderEpoch(0))
        groups = GroupSettings(initial_rebalance_delay_ms=0)
        self.around = Surroundings(loop=loop, clock=self.clock, background=self.flusher.pending)
        self.kind = GroupShards(
            CoordinatorSettings(groups=groups, load_buffer_bytes=load_buffer_bytes),
            self.clock,
            SeededDice(2),
            ClusterTopics(image or image_of("orders", "payments")),
        )
        self.runner = ShardRunner(self.partition, self.kind, self.around)

    def _failure(self) -> Any:
        return self.directory.failure

    @staticmethod
    def _post(call: Any, *args: Any) -> None:
        call(*args)

    async def settle(self, *, syncs: bool = True) -> None:
        """Lets everything happen that can without time passing; without `syncs` nothing gets durable."""
        for _ in range(4):
            for _ in range(4):  # Whoever is told something has noted it before the next sync.
                await asyncio.sleep(0)
            self.flusher.pending.run()
            if syncs:
                self.flusher.turn()
        if self.runner.state is State.LOADING:
            await self.settle(syncs=syncs)

    async def started(self) -> Rig:
        """With its shard loaded."""
        await self.settle()
        assert self.runner.state is State.ACTIVE
        return self

    async def ask(self, command: Any) -> Any:
        """The answer of a command, once it is durable."""
        answer = self.runner.run(command)
        if not isinstance(answer, asyncio.Future):
            return answer
        while not answer.done():
            await self.settle()
        return answer.result()

    def send(self, command: Any) -> asyncio.Future[Any]:
        """A command whose answer is still owed."""
        answer = self.runner.run(command)
        assert isinstance(answer, asyncio.Future)
        return answer

    async def offsets(self, group: str) -> dict[tuple[str, int], int]:
        """What a group has committed."""
        fetched = await self.ask(FetchOffsets(group))
        assert isinstance(fetched, OffsetsFetched)
        return {(at.topic, at.partition): at.offset for at in fetched.offsets}

    async def member(self, group: str) -> tuple[str, int]:
        """A stable classic group of one member: its id and generation."""
        joined = await self.ask(join(group))
        assert isinstance(joined, JoinReply)
        given = (Assignment(joined.member_id, b"all"),)
        await self.ask(Sync(group, joined.member_id, None, joined.generation, None, None, given))
        return joined.member_id, joined.generation

    def stop(self) -> None:
        """Ends it in good order."""
        self.runner.close()
        self.log.close()


KIND = GroupShards(CoordinatorSettings(), SimClock(), SeededDice(2), ClusterTopics(EMPTY))
"""What decodes records of groups."""


def commit(group: str, offset: int, partition: int = 0, **fields: Any) -> Commit:
    """Commits one offset of the topic orders."""
    return Commit(group, (CommitOffset("orders", partition, offset),), **fields)


def join(group: str, member_id: str = "") -> Join:
    """Joins as a consumer."""
    return Join(group, member_id, None, "client", "/host", 10_000, 10_000, "consumer", (RANGE,))
