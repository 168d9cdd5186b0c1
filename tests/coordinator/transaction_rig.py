"""A broker's coordinators over three partitions of data, one of offsets and one of transactions, on a simulated disk.

Time, threads and the flusher take their turns when the rig says so. Each life of the process leads in a later epoch.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any, Final

from cordwood.coordinator.groups import GroupCoordinator
from cordwood.coordinator.marker_routes import NoRemote, Remote
from cordwood.coordinator.settings import OFFSETS_TOPIC, TRANSACTIONS_TOPIC, CoordinatorSettings
from cordwood.coordinator.transactions import TransactionCoordinator
from cordwood.env.dice import SeededDice
from cordwood.groups.offsets.commands import Commit, CommitOffset, FetchOffsets
from cordwood.groups.offsets.replies import OffsetsCommitted, OffsetsFetched
from cordwood.log.config import LogConfig
from cordwood.log.log import Log
from cordwood.metadata import EMPTY, Image, replay_all
from cordwood.metadata.records import PartitionChange, PartitionRecord, RemoveTopic, TopicRecord
from cordwood.model.errors import CordwoodError, UnknownTopic
from cordwood.model.group_errors import CoordinatorLoading
from cordwood.model.ids import BrokerId, LeaderEpoch, ProducerId, TopicId, TopicPartition
from cordwood.records.batch import batches
from cordwood.records.builder import build_batch
from cordwood.records.control import MarkerType, parse_marker
from cordwood.records.reader import decode_batch
from cordwood.records.record import Record
from cordwood.replica.directory import Directory
from cordwood.replica.partition import Partition
from cordwood.sim.disk import SimDisk
from cordwood.sim.flusher import SimFlusher
from cordwood.txns.commands import AddPartitions, EndTransaction, InitProducerId
from cordwood.txns.listing import DescribeTransaction
from cordwood.txns.records import TransactionStored
from cordwood.txns.replies import Producer
from cordwood.txns.settings import TransactionSettings

DATA: Final = "/sim"
BROKER: Final = BrokerId(1)
ID: Final = "payments"
GROUP: Final = "readers"
OFFSETS: Final = TopicPartition(OFFSETS_TOPIC, 0)
STATE: Final = TopicPartition(TRANSACTIONS_TOPIC, 0)
ORDERS: Final = tuple(TopicPartition("orders", index) for index in range(3))
NAMES: Final = (*ORDERS, OFFSETS, STATE)


def topic_id(topic: str) -> TopicId:
    return TopicId(topic.encode().ljust(16, b".")[:16])


def image_of(*names: TopicPartition) -> Image:
    """Their topics, led by this broker."""
    records: list[Any] = [TopicRecord(topic, topic_id(topic)) for topic in dict.fromkeys(name.topic for name in names)]
    records += [PartitionRecord(topic_id(name.topic), name.partition, (BROKER,)) for name in names]
    return replay_all(EMPTY, records)


class Metadata:
    """The topics are there already; producer ids are those of this life."""

    def __init__(self, first_producer_id: int) -> None:
        self.image = image_of(*NAMES)
        self.failure: CordwoodError | None = None
        self._next = first_producer_id

    async def propose(self, decide: Any) -> Any:
        raise AssertionError("nothing is to be decided")

    async def new_producer_id(self, broker_id: BrokerId) -> ProducerId:
        if self.failure is not None:
            raise self.failure
        self._next += 1
        return ProducerId(self._next)


class Rig:
    """One life of the process. `disk` is what the life before left."""

    def __init__(
        self,
        disk: SimDisk | None = None,
        *,
        life: int = 0,
        remote: Remote | None = None,
        settings: TransactionSettings | None = None,
    ) -> None:
        self.disk = disk or SimDisk(SeededDice(1))
        self.life = life
        self.flusher = SimFlusher()
        self.clock = self.flusher.clock
        self.disk.make_directory(DATA)
        self.directories = {name: self._directory(name) for name in NAMES}
        self.held = {name: self._open(name) for name in NAMES}
        self.metadata = Metadata(life * 1_000)
        self._sequences: dict[tuple[TopicPartition, Producer], int] = {}
        given: dict[str, Any] = {
            "broker_id": BROKER,
            "settings": CoordinatorSettings(transactions=settings or TransactionSettings()),
            "clock": self.clock,
            "dice": SeededDice(2),
            "background": self.flusher.pending,
            "loop": asyncio.get_running_loop(),
        }
        held: Any = self
        self.groups = GroupCoordinator(held, self.metadata, **given)
        through = {OFFSETS_TOPIC: self.groups.append_marker}
        self.transactions = TransactionCoordinator(
            held, self.metadata, through=through, remote=remote or NoRemote(), **given
        )
        self.groups.start()
        self.transactions.start()

    # Partitions, as the coordinators ask for them.

    def get(self, name: tuple[str, int]) -> Partition | None:
        return self.held.get(TopicPartition(*name))

    def all(self) -> list[Partition]:
        return list(self.held.values())

    def why_missing(self, topic: str, index: int) -> CordwoodError:
        return UnknownTopic(f"{topic}-{index}")

    def _directory(self, name: TopicPartition) -> Directory:
        """Each partition is in a directory of its own, so that one can fail and the others go on."""

        def failed(directory: Directory) -> None:
            assert directory.failure is not None
            self.held[name].fail(directory.failure)

        return Directory(DATA, self.disk, 0, failed)

    def _open(self, name: TopicPartition) -> Partition:
        flusher = self.flusher
        path = f"{DATA}/{name}"
        log = Log.open(path, LogConfig(), disk=self.disk, clock=flusher.clock, flusher=flusher, lock=False)
        partition = Partition(name, log, self.directories[name], flusher, self._post)
        partition.lead(LeaderEpoch(self.life))
        return partition

    @staticmethod
    def _post(call: Any, *args: Any) -> None:
        call(*args)

    # Time.

    async def settle(self, *, syncs: bool = True) -> None:
        """Lets everything happen that can without time passing; without `syncs` nothing gets durable."""
        for _ in range(4):
            for _ in range(4):  # Whoever is told something has noted it before the next sync.
                await asyncio.sleep(0)
            self.flusher.pending.run()
            if syncs:
                self.flusher.turn()

    async def started(self) -> Rig:
        """With its shards loaded, and everything finished that was left."""
        while not self._serves():
            await self.settle()
        await self.over()
        return self

    def _serves(self) -> bool:
        groups = all(shard.is_active for shard in self.groups.shards)
        return groups and all(shard.is_active for shard in self.transactions.shards)

    async def over(self) -> None:
        """Nothing is ending any more; where a marker had to wait, its time comes at once."""
        await self.settle()
        while self.transactions.is_ending:
            self.transactions.try_again()
            await self.settle()

    async def stop(self) -> None:
        """Ends it in good order."""
        await self.transactions.close()
        await self.groups.close()
        for partition in self.held.values():
            partition.log.close()

    # Producers.

    async def ask(self, command: Any) -> Any:
        """The answer of a command about the id, once it is durable."""
        answer = self.transactions.run(command.transactional_id, command)
        while isinstance(answer, asyncio.Future) and not answer.done():
            await self.settle()
        return answer.result() if isinstance(answer, asyncio.Future) else answer

    async def producer(self, transactional_id: str = ID) -> Producer:
        """Takes the id, from whoever had it."""
        given = None
        while not isinstance(given, Producer):  # Whoever had it is fenced first.
            await self.over()
            given = await self.ask(InitProducerId(transactional_id, 60_000))
        return given

    async def add(self, producer: Producer, *names: TopicPartition, version: int = 2) -> None:
        """Takes partitions into the producer's transaction."""
        command = AddPartitions(
            ID, producer.producer_id, producer.producer_epoch, frozenset(names), client_version=version
        )
        assert await self.ask(command) is None

    async def write(self, producer: Producer, name: TopicPartition, value: str) -> None:
        """Writes one record of the transaction; returns when it is durable."""
        partition = self.held[name]
        sequence = self._sequences.get((name, producer), 0)
        self._sequences[name, producer] = sequence + 1
        batch = build_batch(
            [Record(0, self.clock.now_ms(), None, value.encode())],
            producer_id=producer.producer_id,
            producer_epoch=producer.producer_epoch,
            base_sequence=sequence,
            transactional=True,
        )
        assert partition.append(memoryview(bytearray(batch))) is not None
        while partition.high_watermark < partition.log.end_offset:
            await self.settle()

    async def commit_offset(self, producer: Producer, offset: int) -> None:
        """Commits an offset of the group as part of the transaction."""
        answer = await self.ask_groups(commit(offset, producer))
        assert answer == OffsetsCommitted((None,)), answer

    def end(self, producer: Producer, *, committed: bool, version: int = 2) -> Any:
        """Ends the transaction: the answer, or a future of it."""
        command = EndTransaction(ID, producer.producer_id, producer.producer_epoch, committed, client_version=version)
        return self.transactions.run(ID, command)

    async def ended(
        self, producer: Producer, *, committed: bool, version: int = 2, told: Callable[[], None] | None = None
    ) -> Producer:
        """Ends the transaction; returns as whom the producer goes on, when all markers are durable.

        `told` is called in the moment in which the producer has its answer.
        """
        answer = self.end(producer, committed=committed, version=version)
        if told is not None:
            answer.add_done_callback(lambda _: told())
        while not answer.done():
            await self.settle()
        await self.over()
        given = answer.result()
        assert isinstance(given, Producer), given
        return given if version >= 2 else producer

    # Readers.

    def described(self) -> TransactionStored:
        found = self.transactions.ask(DescribeTransaction(ID))
        assert isinstance(found, TransactionStored)
        return found

    async def ask_groups(self, command: Any) -> Any:
        """The answer of a command about a group, once it is durable."""
        while True:
            try:
                answer = self.groups.run(command.group, command)
            except CoordinatorLoading:
                await self.settle()
                continue
            while isinstance(answer, asyncio.Future) and not answer.done():
                await self.settle()
            return answer.result() if isinstance(answer, asyncio.Future) else answer

    async def offset(self) -> int | None:
        """What the group has committed."""
        fetched = await self.ask_groups(FetchOffsets(GROUP))
        assert isinstance(fetched, OffsetsFetched)
        return fetched.offsets[0].offset if fetched.offsets else None

    def committed(self, name: TopicPartition) -> list[str]:
        """What a reader of committed records sees in a partition, from its batches and its list of aborted ones."""
        return list(committed_values(self.held[name]))

    def markers(self, name: TopicPartition) -> list[tuple[int, bool, int]]:
        """Producer epoch, outcome and coordinator epoch of each marker in a partition."""
        found = []
        for header, batch in every_batch(self.held[name]):
            for record in decode_batch(batch, header) if header.is_control else ():
                marker = parse_marker(record)
                assert marker is not None
                found.append((header.producer_epoch, marker.type is MarkerType.COMMIT, marker.coordinator_epoch))
        return found


def commit(offset: int, producer: Producer | None = None) -> Commit:
    """The group commits an offset, in a transaction or not."""
    fields = {} if producer is None else producer._asdict()
    return Commit(GROUP, (CommitOffset("orders", 0, offset),), **fields)


def without(image: Image, topic: str) -> Image:
    """The image without a topic."""
    return replay_all(image, [RemoveTopic(topic_id(topic))])


def led_by(image: Image, name: TopicPartition, broker: int) -> Image:
    """The image in which another broker leads a partition."""
    return replay_all(image, [PartitionChange(topic_id(name.topic), name.partition, broker, 1, (broker,))])


def every_batch(partition: Partition) -> Iterator[Any]:
    """All batches below the high watermark."""
    found = partition.log.read_range(partition.log.start_offset, 1 << 20, end_offset=partition.high_watermark)
    if found is not None:
        yield from batches(found.file.read(found.end - found.start, found.start))


def committed_values(partition: Partition) -> Iterator[str]:
    """As a client does: producers whose aborted transactions have begun are skipped until their marker."""
    end = partition.last_stable_offset
    aborted = partition.log.aborted_in(partition.log.start_offset, end)
    skipped: set[int] = set()
    for header, batch in every_batch(partition):
        if header.base_offset >= end:
            return
        while aborted and aborted[0][1] <= header.base_offset:
            skipped.add(aborted.pop(0)[0])
        if header.is_control:
            skipped.discard(header.producer_id)
        elif not (header.is_transactional and header.producer_id in skipped):
            yield from ((record.value or b"").decode() for record in decode_batch(batch, header))
