"""Requests as the handler tests need them again and again."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from typing import Any

from cordwood.env.clock import SystemClock
from cordwood.records.batch import batches
from cordwood.records.builder import build_batch
from cordwood.records.control import MarkerType
from cordwood.records.reader import decode_batch
from cordwood.records.record import Record
from cordwood.testing import Server
from cordwood.wire.messages.fetch import FetchPartition, FetchRequest, FetchTopic
from cordwood.wire.messages.produce import PartitionProduceData, ProduceRequest, TopicProduceData
from tests.raw_client import RawClient


def batch_of(values: Sequence[bytes | None], *, timestamp_ms: int = 1_000, **fields: Any) -> bytes:
    records = [Record(offset=0, timestamp_ms=timestamp_ms + n, key=None, value=value) for n, value in enumerate(values)]
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


def in_the_broker(server: Server, call: Callable[[], Any]) -> Any:
    """What the call gives on the broker's own thread."""

    async def run() -> Any:
        return call()

    loop = server._loop
    assert loop is not None
    return asyncio.run_coroutine_threadsafe(run(), loop).result(10)


class Transactional:
    """A transactional producer of one partition, without a coordinator: it appends to the log what one would let in."""

    def __init__(self, server: Server, topic: str, producer_id: int, timestamp_ms: int | None = None) -> None:
        self._server = server
        self._timestamp_ms = SystemClock().now_ms() if timestamp_ms is None else timestamp_ms
        """By default as the markers' are, or each would begin a segment of its own."""
        partition = server.node.partitions.get((topic, 0))
        assert partition is not None
        partition.log.wake()
        self._partition = partition
        self.producer_id = producer_id
        self._sequence = 0

    def send(self, values: Sequence[bytes]) -> int:
        """Sends a batch in the transaction; returns its first offset."""
        fields = {"producer_id": self.producer_id, "producer_epoch": 0, "base_sequence": self._sequence}
        self._sequence += len(values)
        batch = memoryview(bytearray(batch_of(values, timestamp_ms=self._timestamp_ms, transactional=True, **fields)))
        return self._appended(lambda: self._partition.append(batch))

    def end(self, kind: MarkerType) -> int:
        """Ends the transaction; returns the marker's offset."""
        call = self._partition.append_marker
        return self._appended(lambda: call(self.producer_id, 0, kind, 1))

    def _appended(self, append: Callable[[], Any]) -> int:
        """Returns when what was appended is durable."""
        appended = in_the_broker(self._server, append)
        told = threading.Event()
        wait = self._partition.when_durable
        if not in_the_broker(self._server, lambda: wait(appended.next_offset, lambda _: told.set())):
            assert told.wait(10)
        return int(appended.base_offset)
