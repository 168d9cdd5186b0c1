"""The driver around aiokafka. The lines it speaks are described in protocol.py."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from functools import partial
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic, RecordsToDelete
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import BrokerResponseError, for_code

from tests.clients.drivers import protocol
from tests.clients.drivers.aiokafka_group import group
from tests.clients.drivers.aiokafka_transact import transact
from tests.clients.drivers.aiokafka_transform import transform

# A record of exactly 1 MB needs a batch of a little more on both ways.
MAX_REQUEST_BYTES = 1_048_576
FETCH_BYTES = 2 * MAX_REQUEST_BYTES
RETRY_BACKOFF_MS = 20
ACKS = {"0": 0, "1": 1, "all": "all"}


async def read_lines() -> AsyncIterator[str]:
    """The lines of standard input, without stopping the event loop."""
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        yield line


async def open_producer(bootstrap: str, manner: protocol.Manner) -> AIOKafkaProducer:
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap,
        compression_type=None if manner.codec == "none" else manner.codec,
        acks=ACKS[manner.acks],
        enable_idempotence=manner.idempotent,
        linger_ms=2,
        max_request_size=MAX_REQUEST_BYTES,
        retry_backoff_ms=RETRY_BACKOFF_MS,
    )
    await producer.start()
    return producer


async def produce(options: protocol.Options) -> None:
    answers = protocol.Answers()
    producers: dict[protocol.Manner, AIOKafkaProducer] = {}

    def delivered(record: protocol.Outgoing, sent: asyncio.Future[Any]) -> None:
        error = sent.exception()
        if error is not None:
            answers.refuse(record, repr(error))
        else:
            # With acks=0 there is no answer and so no metadata.
            answers.acknowledge(record, -1 if sent.result() is None else sent.result().offset)

    async for line in read_lines():
        record = protocol.outgoing(line)
        producer = producers.get(record.manner)
        if producer is None:
            producer = producers[record.manner] = await open_producer(options.bootstrap, record.manner)
        sent = await producer.send(
            record.topic,
            value=record.value,
            key=record.key,
            partition=record.partition,
            timestamp_ms=record.timestamp_ms,
            headers=record.headers,
        )
        sent.add_done_callback(partial(delivered, record))
    for producer in producers.values():
        await producer.stop()


async def consume(options: protocol.Options) -> None:
    answers = protocol.Answers()
    wanted = protocol.read_wanted()
    consumer = AIOKafkaConsumer(
        bootstrap_servers=options.bootstrap,
        enable_auto_commit=False,
        auto_offset_reset="none",
        isolation_level=options.isolation,
        fetch_max_wait_ms=options.max_wait_ms,
        max_partition_fetch_bytes=FETCH_BYTES,
        retry_backoff_ms=RETRY_BACKOFF_MS,
    )
    await consumer.start()
    consumer.assign([TopicPartition(want.topic, want.partition) for want in wanted])
    for want in wanted:
        consumer.seek(TopicPartition(want.topic, want.partition), want.offset)
    left = {TopicPartition(want.topic, want.partition): want.count for want in wanted}
    while any(left.values()):
        for place, records in (await consumer.getmany(timeout_ms=100)).items():
            for record in records[: left[place]]:
                left[place] -= 1
                answers.show(
                    place.topic,
                    place.partition,
                    record.offset,
                    record.timestamp,
                    record.key,
                    record.value,
                    record.headers,
                )
    await consumer.stop()


class Admin:
    """The calls of the admin client (and of the consumer, for offsets), with plain arguments and plain results."""

    def __init__(self, client: AIOKafkaAdminClient, consumer: AIOKafkaConsumer) -> None:
        self._client = client
        self._consumer = consumer

    async def create_topic(self, request: Mapping[str, Any]) -> object:
        # The client itself refuses -1, which stands for the broker's defaults.
        topic = NewTopic(
            request["topic"],
            num_partitions=request.get("partitions", 1),
            replication_factor=request.get("replication_factor", 1),
            topic_configs=request.get("configs", {}),
        )
        answer = await self._client.create_topics([topic], validate_only=request.get("validate_only", False))
        for _, code, message in answer.topic_errors:
            _raise_code(code, message)
        return None

    async def delete_topic(self, request: Mapping[str, Any]) -> object:
        answer = await self._client.delete_topics([request["topic"]])
        for _, code in answer.topic_error_codes:
            _raise_code(code)
        return None

    async def create_partitions(self, request: Mapping[str, Any]) -> object:
        await self._client.create_partitions({request["topic"]: NewPartitions(request["total"])})
        return None

    async def replace_configs(self, request: Mapping[str, Any]) -> object:
        resource = ConfigResource(ConfigResourceType.TOPIC, request["topic"], request["configs"])
        (answer, *_) = await self._client.alter_configs([resource])
        for code, message, *_ in answer.resources:
            _raise_code(code, message)
        return None

    async def configs(self, request: Mapping[str, Any]) -> object:
        resource = ConfigResource(ConfigResourceType.TOPIC, request["topic"])
        (answer,) = await self._client.describe_configs([resource])
        ((code, message, _, _, entries),) = answer.resources
        _raise_code(code, message)
        return {name: value for name, value, *_ in entries}

    async def delete_records(self, request: Mapping[str, Any]) -> object:
        place = TopicPartition(request["topic"], request["partition"])
        answer = await self._client.delete_records({place: RecordsToDelete(request["before"])})
        return {"low_watermark": answer[place]}

    async def cluster(self, request: Mapping[str, Any]) -> object:
        found = await self._client.describe_cluster()
        brokers = [{"id": node["node_id"], "host": node["host"], "port": node["port"]} for node in found["brokers"]]
        return {"cluster_id": found["cluster_id"], "controller": found["controller_id"], "brokers": brokers}

    async def topics(self, request: Mapping[str, Any]) -> object:
        return sorted(await self._client.list_topics())

    async def describe_topic(self, request: Mapping[str, Any]) -> object:
        (found,) = await self._client.describe_topics([request["topic"]])
        _raise_code(found["error_code"])
        partitions = [
            {"id": part["partition"], "leader": part["leader"], "replicas": part["replicas"], "isr": part["isr"]}
            for part in found["partitions"]
        ]
        return {"partitions": partitions}

    async def offsets(self, request: Mapping[str, Any]) -> object:
        place = TopicPartition(request["topic"], request["partition"])
        match request["at"]:
            case "earliest":
                return {"offset": (await self._consumer.beginning_offsets([place]))[place]}
            case "latest":
                return {"offset": (await self._consumer.end_offsets([place]))[place]}
            case timestamp_ms:
                found = (await self._consumer.offsets_for_times({place: timestamp_ms}))[place]
                if found is None:
                    return {"offset": -1, "timestamp_ms": -1}
                return {"offset": found.offset, "timestamp_ms": found.timestamp}


def _raise_code(code: int, message: str | None = None) -> None:
    if code:
        raise for_code(code)(message)


def code_of(error: Exception) -> int | None:
    return int(error.errno) if isinstance(error, BrokerResponseError) else None


def admin(options: protocol.Options) -> None:
    async def start() -> tuple[AIOKafkaAdminClient, AIOKafkaConsumer]:
        client = AIOKafkaAdminClient(bootstrap_servers=options.bootstrap)
        consumer = AIOKafkaConsumer(bootstrap_servers=options.bootstrap)
        await client.start()
        await consumer.start()
        return client, consumer

    with asyncio.Runner() as runner:
        client, consumer = runner.run(start())
        calls = Admin(client, consumer)

        def blocking(call: Callable[[Mapping[str, Any]], Any]) -> protocol.Operation:
            return lambda request: runner.run(call(request))

        operations = {name: blocking(call) for name, call in protocol.operations_of(calls).items()}
        protocol.serve_operations(operations, code_of)
        runner.run(client.close())
        runner.run(consumer.stop())


if __name__ == "__main__":
    protocol.main(
        {
            "produce": lambda options: asyncio.run(produce(options)),
            "consume": lambda options: asyncio.run(consume(options)),
            "admin": admin,
            "group": lambda options: asyncio.run(group(options)),
            "transact": transact,
            "transform": lambda options: asyncio.run(transform(options)),
        }
    )
