"""The driver around confluent-kafka (librdkafka). The lines it speaks are described in protocol.py."""

from __future__ import annotations

import base64
import threading
import uuid
from collections.abc import Mapping
from concurrent.futures import Future
from typing import Any

from confluent_kafka import (
    Consumer,
    ConsumerGroupTopicPartitions,
    IsolationLevel,
    KafkaError,
    KafkaException,
    Message,
    Producer,
    TopicCollection,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._config import AlterConfigOpType, ConfigEntry, ConfigResource
from confluent_kafka.admin._listoffsets import OffsetSpec
from confluent_kafka.cimpl import NewPartitions, NewTopic

from tests.clients.drivers import confluent_survey, protocol
from tests.clients.drivers.confluent_group import group
from tests.clients.drivers.confluent_transact import transact
from tests.clients.drivers.confluent_transform import transform

# A record of exactly 1 MB must pass; librdkafka's default of 1 000 000 leaves no room for its framing.
MESSAGE_MAX_BYTES = 1_048_576
# A broker that is killed and started again is back in well under a second: do not stay away for ten.
PATIENCE = {
    "reconnect.backoff.ms": 20,
    "reconnect.backoff.max.ms": 100,
    "retry.backoff.ms": 20,
    "retry.backoff.max.ms": 100,
}
# The other strategy forgets the broker when it dies, and looks for it again after a second and a half.
CONSTANT = {"metadata.recovery.strategy": "none"}
ADMIN_TIMEOUT_S = 15.0

OFFSET_SPECS = {
    "earliest": OffsetSpec.earliest,
    "latest": OffsetSpec.latest,
    "max_timestamp": OffsetSpec.max_timestamp,
}


class Sender:
    """One producer, and the thread that serves its delivery reports."""

    def __init__(self, bootstrap: str, manner: protocol.Manner, answers: protocol.Answers) -> None:
        self._answers = answers
        self._producer = Producer(
            {
                "bootstrap.servers": bootstrap,
                "compression.type": manner.codec,
                "acks": manner.acks,
                "enable.idempotence": manner.idempotent,
                "linger.ms": 2,
                "message.max.bytes": MESSAGE_MAX_BYTES,
                **CONSTANT,
                **PATIENCE,
            }
        )
        self._ended = threading.Event()
        self._poller = threading.Thread(target=self._poll)
        self._poller.start()

    def send(self, record: protocol.Outgoing) -> None:
        def delivered(error: KafkaError | None, message: Message) -> None:
            if error is not None:
                self._answers.refuse(record, error)
            else:
                offset = message.offset()
                self._answers.acknowledge(record, -1 if offset is None else offset)

        headers: list[Any] = list(record.headers)
        self._producer.produce(
            record.topic,
            record.value,
            record.key,
            record.partition,
            on_delivery=delivered,
            timestamp=record.timestamp_ms or 0,
            headers=headers or None,
        )

    def close(self) -> None:
        self._producer.flush()
        self._ended.set()
        self._poller.join()

    def _poll(self) -> None:
        while not self._ended.is_set():
            self._producer.poll(0.02)


def produce(options: protocol.Options) -> None:
    answers = protocol.Answers()
    senders: dict[protocol.Manner, Sender] = {}
    for record in protocol.read_outgoing():
        sender = senders.get(record.manner)
        if sender is None:
            sender = senders[record.manner] = Sender(options.bootstrap, record.manner, answers)
        sender.send(record)
    for sender in senders.values():
        sender.close()


def consume(options: protocol.Options) -> None:
    answers = protocol.Answers()
    wanted = protocol.read_wanted()
    consumer = Consumer(
        {
            "bootstrap.servers": options.bootstrap,
            "group.id": "never-joined",
            "enable.auto.commit": False,
            "auto.offset.reset": "error",
            "isolation.level": options.isolation,
            "fetch.wait.max.ms": options.max_wait_ms,
            "message.max.bytes": MESSAGE_MAX_BYTES,
            **PATIENCE,
        }
    )
    consumer.assign([TopicPartition(want.topic, want.partition, want.offset) for want in wanted])
    left = {(want.topic, want.partition): want.count for want in wanted}
    while any(left.values()):
        # The type stubs call every field of a message optional, for the sake of error messages.
        messages: list[Any] = consumer.consume(500, 0.05)
        for message in messages:
            if message.error() is not None:
                raise KafkaException(message.error())
            place = message.topic(), message.partition()
            if left[place] > 0:
                left[place] -= 1
                _, timestamp_ms = message.timestamp()
                headers = message.headers() or ()
                answers.show(*place, message.offset(), timestamp_ms, message.key(), message.value(), headers)
    consumer.close()


class Admin:
    """The admin client's calls, each with plain arguments and a plain result."""

    def __init__(self, bootstrap: str) -> None:
        self._client = AdminClient({"bootstrap.servers": bootstrap, **CONSTANT, **PATIENCE})

    def create_topic(self, request: Mapping[str, Any]) -> object:
        topic = NewTopic(
            request["topic"],
            num_partitions=request.get("partitions", -1),
            replication_factor=request.get("replication_factor", -1),
            config=request.get("configs", {}),
        )
        return _only(self._client.create_topics([topic], validate_only=request.get("validate_only", False)))

    def delete_topic(self, request: Mapping[str, Any]) -> object:
        return _only(self._client.delete_topics([request["topic"]]))

    def create_partitions(self, request: Mapping[str, Any]) -> object:
        return _only(self._client.create_partitions([NewPartitions(request["topic"], request["total"])]))

    def set_configs(self, request: Mapping[str, Any]) -> object:
        entries = [
            ConfigEntry(
                name,
                value,
                incremental_operation=AlterConfigOpType.DELETE if value is None else AlterConfigOpType.SET,
            )
            for name, value in request["configs"].items()
        ]
        resource = ConfigResource(ConfigResource.Type.TOPIC, request["topic"], incremental_configs=entries)
        return _only(self._client.incremental_alter_configs([resource]))

    def configs(self, request: Mapping[str, Any]) -> object:
        entries = _only(self._client.describe_configs([ConfigResource(ConfigResource.Type.TOPIC, request["topic"])]))
        return {name: entry.value for name, entry in entries.items()}

    def delete_records(self, request: Mapping[str, Any]) -> object:
        place = TopicPartition(request["topic"], request["partition"], request["before"])
        return {"low_watermark": _only(self._client.delete_records([place])).low_watermark}

    def cluster(self, request: Mapping[str, Any]) -> object:
        found = self._client.describe_cluster(request_timeout=ADMIN_TIMEOUT_S).result(ADMIN_TIMEOUT_S)
        brokers = [{"id": node.id, "host": node.host, "port": node.port} for node in found.nodes]
        return {"cluster_id": found.cluster_id, "controller": found.controller.id, "brokers": brokers}

    def topics(self, request: Mapping[str, Any]) -> object:
        return sorted(self._client.list_topics(timeout=ADMIN_TIMEOUT_S).topics)

    def describe_topic(self, request: Mapping[str, Any]) -> object:
        found = _only(self._client.describe_topics(TopicCollection([request["topic"]])))
        partitions = [
            {
                "id": part.id,
                "leader": part.leader.id,
                "replicas": [node.id for node in part.replicas],
                "isr": [node.id for node in part.isr],
            }
            for part in found.partitions
        ]
        topic_id = uuid.UUID(bytes=base64.b64decode(str(found.topic_id) + "=="))
        return {"topic_id": str(topic_id), "partitions": partitions}

    def offsets(self, request: Mapping[str, Any]) -> object:
        at = request["at"]
        spec = OFFSET_SPECS[at]() if at in OFFSET_SPECS else OffsetSpec.for_timestamp(at)
        isolation = IsolationLevel.READ_COMMITTED if request.get("read_committed") else IsolationLevel.READ_UNCOMMITTED
        place = TopicPartition(request["topic"], request["partition"])
        found = _only(self._client.list_offsets({place: spec}, isolation_level=isolation))
        return {"offset": found.offset, "timestamp_ms": found.timestamp}

    def group(self, request: Mapping[str, Any]) -> object:
        found = _only(self._client.describe_consumer_groups([request["group"]]))
        members = [
            {
                "id": member.member_id,
                "instance_id": member.group_instance_id,
                "assigned": [[place.topic, place.partition] for place in member.assignment.topic_partitions],
            }
            for member in found.members
        ]
        return {"state": found.state.name, "assignor": found.partition_assignor, "members": members}

    def committed(self, request: Mapping[str, Any]) -> object:
        # Of all offsets that there are, a broker leaves out those that are about to be the first.
        places = [TopicPartition(*place) for place in request.get("places", ())]
        asked = [ConsumerGroupTopicPartitions(request["group"], places or None)]
        stable = request.get("stable", False)
        found = _only(self._client.list_consumer_group_offsets(asked, require_stable=stable)).topic_partitions
        for place in found:
            if place.error is not None:
                raise KafkaException(place.error)
        return [[place.topic, place.partition, place.offset] for place in found]


def _only(futures: Mapping[Any, Future[Any]]) -> Any:
    """The result of the one thing that was asked."""
    (future,) = futures.values()
    return future.result(ADMIN_TIMEOUT_S)


def code_of(error: Exception) -> int | None:
    return int(error.args[0].code()) if isinstance(error, KafkaException) else None


def admin(options: protocol.Options) -> None:
    protocol.serve_operations(protocol.operations_of(Admin(options.bootstrap)), code_of)


if __name__ == "__main__":
    protocol.main(
        {
            "produce": produce,
            "consume": consume,
            "admin": admin,
            "survey": confluent_survey.serve,
            "group": group,
            "transact": transact,
            "transform": transform,
        }
    )
