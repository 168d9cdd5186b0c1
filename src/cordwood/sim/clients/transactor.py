"""A transactional producer: transactions over several partitions and a group's offset, one after the other.

      initialize ──> [ write to partitions │ commit an offset ] ──> commit or abort ──┐
          ▲                   │ fenced, or to be aborted               ▲               │
          └───────────────────┘                                       └───────────────┘

Whatever gets no answer is asked again, as real clients do. One of the classic protocol says itself which partitions its
transactions have; one of version 2 leaves that to the broker, and is told its next epoch at each end (KIP-890).

Lives here: one producer. Must not live here: whether transactions were all or nothing (`promises.atomic`).
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from cordwood.records.builder import build_batch
from cordwood.records.record import Record
from cordwood.sim.clients.connection import BrokerConnection, Refused
from cordwood.sim.promises.notes import Notes, Outcome, Place, Transaction
from cordwood.wire.errors import ErrorCode
from cordwood.wire.messages.add_offsets_to_txn import AddOffsetsToTxnRequest, AddOffsetsToTxnResponse
from cordwood.wire.messages.add_partitions_to_txn import (
    AddPartitionsToTxnRequest,
    AddPartitionsToTxnResponse,
    AddPartitionsToTxnTopic,
)
from cordwood.wire.messages.end_txn import EndTxnRequest, EndTxnResponse
from cordwood.wire.messages.find_coordinator import FindCoordinatorRequest, FindCoordinatorResponse
from cordwood.wire.messages.init_producer_id import InitProducerIdRequest, InitProducerIdResponse
from cordwood.wire.messages.offset_fetch import (
    OffsetFetchRequest,
    OffsetFetchRequestGroup,
    OffsetFetchRequestTopics,
    OffsetFetchResponse,
)
from cordwood.wire.messages.produce import PartitionProduceData, ProduceRequest, ProduceResponse, TopicProduceData
from cordwood.wire.messages.txn_offset_commit import (
    TxnOffsetCommitRequest,
    TxnOffsetCommitRequestPartition,
    TxnOffsetCommitRequestTopic,
    TxnOffsetCommitResponse,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

TIMEOUT_MS: Final = 8_000
"""Long outages let transactions run out of time."""

BATCHES: Final = 3
THINK_MS: Final = 150
FETCH_OFFSETS_VERSION: Final = 8

BEGIN_ANEW: Final = frozenset(
    {
        ErrorCode.INVALID_PRODUCER_EPOCH,
        ErrorCode.PRODUCER_FENCED,
        ErrorCode.INVALID_TXN_STATE,
        ErrorCode.TRANSACTION_ABORTABLE,
    }
)
"""What a producer is told whose transaction ran out of time."""


class Transactor:
    """Until it is told to finish."""

    def __init__(self, connection: BrokerConnection, places: Sequence[Place], notes: Notes, *, version_2: bool) -> None:
        """`places` are the partitions of one topic."""
        self._connection = connection
        self._dice = connection.dice
        self._places = places
        self._topic = places[0][1]
        self._notes = notes
        self._version_2 = version_2
        self._producer_id = self._epoch = -1
        self._sequences: dict[Place, int] = {}
        self._number = 0
        self.group = f"group-of-{connection.name}"
        self.finishing = False

    async def run(self) -> None:
        """Returns between two transactions once `finishing` was set, or when the broker refused something."""
        try:
            await self._find(self.group, 0)
            await self._find(self._connection.name, 1)
            await self._initialize()
            while not self.finishing:
                await self._transact()
                await asyncio.sleep(self._dice.below(THINK_MS) / 1000)
        except Refused as error:
            self._notes.refused.append(f"{self._connection.name}: {error}")
        finally:
            self._connection.abort()

    async def look(self) -> None:
        """Notes the group's offset when no transaction decides over it any more. Raises Refused."""
        topic = OffsetFetchRequestTopics(name=self._topic, partition_indexes=[0])
        wanted = OffsetFetchRequestGroup(group_id=self.group, topics=[topic])
        request = OffsetFetchRequest(groups=[wanted], require_stable=True)
        response = await self._connection.ask_until(request, FETCH_OFFSETS_VERSION, OffsetFetchResponse, _offset_codes)
        self._notes.offsets[self.group] = response.groups[0].topics[0].partitions[0].committed_offset
        self._connection.abort()

    # A transaction.

    async def _transact(self) -> None:
        self._number += 1
        places = [place for place in self._places if self._dice.below(3)] or [self._places[0]]
        values = {place: self._values(place) for place in places}
        moves_offset = not self._dice.below(3)
        transaction = Transaction(self._connection.name, self.group, self._number, values, moves_offset)
        self._notes.transactions.append(transaction)
        try:
            if not self._version_2:
                await self._add(places, moves_offset=moves_offset)
            for place in places:
                for value in values[place]:
                    await self._write(place, value)
            if moves_offset:
                await self._move_offset()
            await self._end(transaction)
        except Refused as error:
            if error.code not in BEGIN_ANEW:
                raise
            await self._initialize()

    def _values(self, place: Place) -> list[bytes]:
        count = 1 + self._dice.below(BATCHES)
        return [b"%s %d %d %d" % (self._connection.name.encode(), self._number, place[2], n) for n in range(count)]

    async def _end(self, transaction: Transaction) -> None:
        commit = bool(self._dice.below(4))
        if commit:
            transaction.outcome = Outcome.MAYBE
        request = EndTxnRequest(self._connection.name, self._producer_id, self._epoch, commit)
        version = 5 if self._version_2 else 3
        answer = await self._connection.ask_until(request, version, EndTxnResponse, lambda one: [one.error_code])
        transaction.outcome = Outcome.COMMITTED if commit else Outcome.ABORTED
        if self._version_2:
            self._became(answer.producer_id, answer.producer_epoch)

    # Requests.

    async def _find(self, key: str, key_type: int) -> None:
        request = FindCoordinatorRequest(key, key_type)
        await self._connection.ask_until(request, 2, FindCoordinatorResponse, lambda one: [one.error_code])

    async def _initialize(self) -> None:
        request = InitProducerIdRequest(self._connection.name, TIMEOUT_MS)
        answer = await self._connection.ask_until(request, 4, InitProducerIdResponse, lambda one: [one.error_code])
        self._became(answer.producer_id, answer.producer_epoch)

    def _became(self, producer_id: int, epoch: int) -> None:
        self._producer_id, self._epoch = producer_id, epoch
        self._sequences.clear()

    async def _add(self, places: Sequence[Place], *, moves_offset: bool) -> None:
        topics = [AddPartitionsToTxnTopic(self._topic, [place[2] for place in places])]
        request = AddPartitionsToTxnRequest(
            v3_and_below_transactional_id=self._connection.name,
            v3_and_below_producer_id=self._producer_id,
            v3_and_below_producer_epoch=self._epoch,
            v3_and_below_topics=topics,
        )
        await self._connection.ask_until(request, 3, AddPartitionsToTxnResponse, _add_codes)
        if moves_offset:
            offsets = AddOffsetsToTxnRequest(self._connection.name, self._producer_id, self._epoch, self.group)
            await self._connection.ask_until(offsets, 3, AddOffsetsToTxnResponse, lambda one: [one.error_code])

    async def _write(self, place: Place, value: bytes) -> None:
        sequence = self._sequences.get(place, 0)
        batch = build_batch(
            [Record(0, 1_700_000_000_000, None, value)],
            producer_id=self._producer_id,
            producer_epoch=self._epoch,
            base_sequence=sequence,
            transactional=True,
        )
        topic = TopicProduceData(self._topic, partition_data=[PartitionProduceData(place[2], memoryview(batch))])
        request = ProduceRequest(self._connection.name, -1, 30_000, [topic])
        await self._connection.ask_until(request, 12 if self._version_2 else 11, ProduceResponse, _produce_codes)
        self._sequences[place] = sequence + 1

    async def _move_offset(self) -> None:
        data = TxnOffsetCommitRequestPartition(0, self._number, committed_metadata="")
        request = TxnOffsetCommitRequest(
            transactional_id=self._connection.name,
            group_id=self.group,
            producer_id=self._producer_id,
            producer_epoch=self._epoch,
            topics=[TxnOffsetCommitRequestTopic(self._topic, [data])],
        )
        version = 5 if self._version_2 else 3
        await self._connection.ask_until(request, version, TxnOffsetCommitResponse, _commit_codes)


def _add_codes(response: AddPartitionsToTxnResponse) -> list[int]:
    topics = response.results_by_topic_v3_and_below
    return [partition.partition_error_code for topic in topics for partition in topic.results_by_partition]


def _produce_codes(response: ProduceResponse) -> list[int]:
    return [partition.error_code for topic in response.responses for partition in topic.partition_responses]


def _commit_codes(response: TxnOffsetCommitResponse) -> list[int]:
    return [partition.error_code for topic in response.topics for partition in topic.partitions]


def _offset_codes(response: OffsetFetchResponse) -> list[int]:
    inner = [one.error_code for group in response.groups for topic in group.topics for one in topic.partitions]
    return [*(group.error_code for group in response.groups), *inner]
