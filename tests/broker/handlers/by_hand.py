"""Transactional producers by hand: requests as clients send them, in the classic protocol and in version 2 (KIP-890)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cordwood.records.batch import batches
from cordwood.records.reader import decode_batch
from cordwood.wire.messages.add_offsets_to_txn import AddOffsetsToTxnRequest
from cordwood.wire.messages.add_partitions_to_txn import AddPartitionsToTxnRequest, AddPartitionsToTxnTopic
from cordwood.wire.messages.end_txn import EndTxnRequest
from cordwood.wire.messages.find_coordinator import FindCoordinatorRequest
from cordwood.wire.messages.init_producer_id import InitProducerIdRequest
from cordwood.wire.messages.txn_offset_commit import (
    TxnOffsetCommitRequest,
    TxnOffsetCommitRequestPartition,
    TxnOffsetCommitRequestTopic,
)
from tests.broker.handlers.messages import batch_of, fetch, produce_request
from tests.raw_client import RawClient

CLASSIC_PRODUCE = 11
VERSION_2_PRODUCE = 12


class HandProducer:
    """One transactional id, and what its producer knows."""

    def __init__(self, client: RawClient, transactional_id: str, *, timeout_ms: int = 60_000) -> None:
        self.client = client
        self.id = transactional_id
        self.timeout_ms = timeout_ms
        self.producer_id = -1
        self.epoch = -1
        self.sequences: dict[tuple[str, int], int] = {}

    def begin(self, version: int = 5) -> Any:
        """Finds the coordinator and takes the id; what is answered."""
        found = self.client.ask(FindCoordinatorRequest(coordinator_keys=[self.id], key_type=1), 6).coordinators[0]
        assert found.error_code == 0, found.error_message
        request = InitProducerIdRequest(transactional_id=self.id, transaction_timeout_ms=self.timeout_ms)
        answer = self.client.ask(request, version)
        if answer.error_code == 0:
            self.producer_id, self.epoch = answer.producer_id, answer.producer_epoch
            self.sequences.clear()
        return answer

    def add(self, topic: str, *partitions: int, version: int = 3) -> list[int]:
        """AddPartitionsToTxn; the error of each partition."""
        request = AddPartitionsToTxnRequest(
            v3_and_below_transactional_id=self.id,
            v3_and_below_producer_id=self.producer_id,
            v3_and_below_producer_epoch=self.epoch,
            v3_and_below_topics=[AddPartitionsToTxnTopic(name=topic, partitions=list(partitions))],
        )
        (answer,) = self.client.ask(request, version).results_by_topic_v3_and_below
        return [one.partition_error_code for one in answer.results_by_partition]

    def add_offsets(self, group: str, version: int = 3) -> int:
        request = AddOffsetsToTxnRequest(
            transactional_id=self.id, producer_id=self.producer_id, producer_epoch=self.epoch, group_id=group
        )
        return int(self.client.ask(request, version).error_code)

    def batch(self, values: Sequence[bytes], *, sequence: int, **fields: Any) -> bytes:
        fields = {"producer_id": self.producer_id, "producer_epoch": self.epoch, "transactional": True, **fields}
        return batch_of(values, base_sequence=sequence, **fields)

    def send(self, topic: str, values: Sequence[bytes], *, partition: int = 0, version: int = CLASSIC_PRODUCE) -> None:
        """Produces and does not wait for the answer."""
        sequence = self.sequences.get((topic, partition), 0)
        self.sequences[topic, partition] = sequence + len(values)
        batch = self.batch(values, sequence=sequence)
        self.client.send(produce_request(topic, batch, partition=partition, transactional_id=self.id), version)

    def produce(
        self, topic: str, values: Sequence[bytes], *, partition: int = 0, version: int = CLASSIC_PRODUCE
    ) -> Any:
        """The partition's part of the answer."""
        self.send(topic, values, partition=partition, version=version)
        return self.client.receive().responses[0].partition_responses[0]

    def commit_offset(
        self, group: str, topic: str, offset: int, *, partition: int = 0, version: int = 3, **member: Any
    ) -> int:
        """TxnOffsetCommit of one partition; its error."""
        data = TxnOffsetCommitRequestPartition(partition_index=partition, committed_offset=offset)
        request = TxnOffsetCommitRequest(
            transactional_id=self.id,
            group_id=group,
            producer_id=self.producer_id,
            producer_epoch=self.epoch,
            topics=[TxnOffsetCommitRequestTopic(name=topic, partitions=[data])],
            **member,
        )
        return int(self.client.ask(request, version).topics[0].partitions[0].error_code)

    def end(self, *, commit: bool, version: int = 3) -> int:
        """EndTxn; the error. In version 5 it goes on under what is answered."""
        request = EndTxnRequest(
            transactional_id=self.id, producer_id=self.producer_id, producer_epoch=self.epoch, committed=commit
        )
        answer = self.client.ask(request, version)
        if version >= 5 and answer.error_code == 0:
            self.producer_id, self.epoch = answer.producer_id, answer.producer_epoch
            self.sequences.clear()
        return int(answer.error_code)


def committed(client: RawClient, topic: str, *, count: int, partition: int = 0) -> list[bytes | None]:
    """The first records that a committed reader sees; each fetch waits until there is something."""
    found: list[bytes | None] = []
    offset = 0
    while len(found) < count:
        answer = fetch(client, topic, offset, partition=partition, isolation_level=1, max_wait_ms=10_000)
        assert not answer.aborted_transactions, "it reads only what was committed"
        assert answer.records, f"only {found} are committed"
        for header, batch in batches(bytes(answer.records)):
            offset = header.next_offset
            if not header.is_control:
                found += [record.value for record in decode_batch(batch)]
    return found
