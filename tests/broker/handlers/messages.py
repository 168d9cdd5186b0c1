"""Requests as the handler tests need them again and again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cordwood.records.batch import batches
from cordwood.records.builder import build_batch
from cordwood.records.reader import decode_batch
from cordwood.records.record import Record
from cordwood.wire.messages.fetch import FetchPartition, FetchRequest, FetchTopic
from cordwood.wire.messages.produce import PartitionProduceData, ProduceRequest, TopicProduceData
from tests.raw_client import RawClient


def batch_of(values: Sequence[bytes | None], **fields: Any) -> bytes:
    records = [Record(offset=0, timestamp_ms=1_000 + n, key=None, value=value) for n, value in enumerate(values)]
    return bytes(build_batch(records, **fields))


def produce_request(
    topic: str, batch: bytes | None, *, partition: int = 0, acks: int = -1, **more: Any
) -> ProduceRequest:
    data = PartitionProduceData(index=partition, records=None if batch is None else memoryview(batch))
    return ProduceRequest(
        acks=acks, timeout_ms=1000, topic_data=[TopicProduceData(name=topic, partition_data=[data])], **more
    )


def produce(
    client: RawClient,
    topic: str,
    values: Sequence[bytes | None],
    *,
    partition: int = 0,
    acks: int = -1,
    version: int = 9,
) -> Any:
    response = client.ask(produce_request(topic, batch_of(values), partition=partition, acks=acks), version)
    return response.responses[0].partition_responses[0]


def fetch_request(
    topic: str,
    offset: int,
    *,
    partition: int = 0,
    max_wait_ms: int = 0,
    min_bytes: int = 1,
    max_bytes: int = 1 << 20,
    partition_max_bytes: int = 1 << 20,
    **more: Any,
) -> FetchRequest:
    wanted = FetchPartition(partition=partition, fetch_offset=offset, partition_max_bytes=partition_max_bytes)
    return FetchRequest(
        max_wait_ms=max_wait_ms,
        min_bytes=min_bytes,
        max_bytes=max_bytes,
        topics=[FetchTopic(topic=topic, partitions=[wanted])],
        **more,
    )


def values_of(records: Any) -> list[bytes | None]:
    return [record.value for _, batch in batches(bytes(records)) for record in decode_batch(batch)]


def fetch(client: RawClient, topic: str, offset: int, *, version: int = 12, **more: Any) -> Any:
    """The partition's part of the answer."""
    response = client.ask(fetch_request(topic, offset, **more), version)
    assert response.error_code == 0
    return response.responses[0].partitions[0]
