"""The driver around kafka-python 3. The lines it speaks are described in protocol.py."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from typing import Any

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, KafkaAdminClient, OffsetSpec
from kafka.errors import BrokerResponseError, for_code
from kafka.protocol.consumer import IsolationLevel

from tests.clients.drivers import kafka_python_survey, protocol
from tests.clients.drivers.kafka_python_group import group
from tests.clients.drivers.kafka_python_transact import transact
from tests.clients.drivers.kafka_python_transform import transform

MAX_REQUEST_BYTES = 1_048_576
# A broker that is killed and started again is back in well under a second: do not stay away for thirty.
PATIENCE = {"reconnect_backoff_ms": 20, "reconnect_backoff_max_ms": 100, "retry_backoff_ms": 20}
ACKS = {"0": 0, "1": 1, "all": "all"}
OFFSET_SPECS = {
    "earliest": OffsetSpec.EARLIEST,
    "latest": OffsetSpec.LATEST,
    "max_timestamp": OffsetSpec.MAX_TIMESTAMP,
}


def open_producer(bootstrap: str, manner: protocol.Manner) -> KafkaProducer:
    return KafkaProducer(
        bootstrap_servers=bootstrap,
        compression_type=None if manner.codec == "none" else manner.codec,
        acks=ACKS[manner.acks],
        enable_idempotence=manner.idempotent,
        linger_ms=2,
        max_request_size=MAX_REQUEST_BYTES,
        **PATIENCE,
    )


def produce(options: protocol.Options) -> None:
    answers = protocol.Answers()
    producers: dict[protocol.Manner, KafkaProducer] = {}
    for record in protocol.read_outgoing():
        producer = producers.get(record.manner)
        if producer is None:
            producer = producers[record.manner] = open_producer(options.bootstrap, record.manner)
        sent = producer.send(
            record.topic,
            value=record.value,
            key=record.key,
            headers=record.headers,
            partition=record.partition,
            timestamp_ms=record.timestamp_ms,
        )
        sent.add_callback(lambda done, record=record: answers.acknowledge(record, done.offset))
        sent.add_errback(lambda error, record=record: answers.refuse(record, error))
    for producer in producers.values():
        producer.flush()
        producer.close()


def consume(options: protocol.Options) -> None:
    answers = protocol.Answers()
    wanted = protocol.read_wanted()
    consumer = KafkaConsumer(
        bootstrap_servers=options.bootstrap,
        enable_auto_commit=False,
        auto_offset_reset="none",
        isolation_level=options.isolation,
        fetch_max_wait_ms=options.max_wait_ms,
        **PATIENCE,
    )
    consumer.assign([TopicPartition(want.topic, want.partition) for want in wanted])
    for want in wanted:
        consumer.seek(TopicPartition(want.topic, want.partition), want.offset)
    left = {TopicPartition(want.topic, want.partition): want.count for want in wanted}
    while any(left.values()):
        for place, records in consumer.poll(timeout_ms=100).items():
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
    consumer.close()


class Admin:
    """The admin client's calls, each with plain arguments and a plain result."""

    def __init__(self, bootstrap: str) -> None:
        self._client = KafkaAdminClient(bootstrap_servers=bootstrap, **PATIENCE)

    def create_topic(self, request: Mapping[str, Any]) -> object:
        topic = {
            "num_partitions": request.get("partitions", -1),
            "replication_factor": request.get("replication_factor", -1),
            "configs": request.get("configs", {}),
        }
        answer = self._client.create_topics(
            {request["topic"]: topic}, validate_only=request.get("validate_only", False)
        )
        return {"topic_id": str(answer["topics"][0]["topic_id"])}

    def delete_topic(self, request: Mapping[str, Any]) -> object:
        topic_id = request.get("topic_id")
        self._client.delete_topics([uuid.UUID(topic_id) if topic_id else request["topic"]])
        return None

    def create_partitions(self, request: Mapping[str, Any]) -> object:
        self._client.create_partitions({request["topic"]: request["total"]})
        return None

    def set_configs(self, request: Mapping[str, Any]) -> object:
        changes = {
            name: ("DELETE", None) if value is None else ("SET", value) for name, value in request["configs"].items()
        }
        answer = self._client.alter_configs(
            [ConfigResource("topic", request["topic"], changes)], raise_on_unknown=False
        )
        # An error is told in words only, `[Error 40] ...`, and not raised.
        refused = re.match(r"\[Error (-?\d+)\]", answer["topic"][request["topic"]])
        _raise_code(int(refused[1]) if refused else 0)
        return None

    def configs(self, request: Mapping[str, Any]) -> object:
        answer = self._client.describe_configs([ConfigResource("topic", request["topic"])], config_filter="all")
        return {name: entry["value"] for name, entry in answer["topic"][request["topic"]].items()}

    def delete_records(self, request: Mapping[str, Any]) -> object:
        place = TopicPartition(request["topic"], request["partition"])
        answer = self._client.delete_records({place: request["before"]})
        return {"low_watermark": answer[place]["low_watermark"]}

    def cluster(self, request: Mapping[str, Any]) -> object:
        found = self._client.describe_cluster()
        brokers = [{"id": node["broker_id"], "host": node["host"], "port": node["port"]} for node in found["brokers"]]
        return {"cluster_id": found["cluster_id"], "controller": found["controller_id"], "brokers": brokers}

    def log_dirs(self, request: Mapping[str, Any]) -> object:
        sizes = {}
        for broker in self._client.describe_log_dirs():
            for directory in broker["log_dirs"]:
                _raise_code(directory["error_code"])
                for topic in directory["topics"]:
                    for part in topic["partitions"]:
                        sizes[f"{topic['name']}-{part['partition_index']}"] = part["partition_size"]
        return {"sizes": sizes}

    def topics(self, request: Mapping[str, Any]) -> object:
        return sorted(self._client.list_topics())

    def describe_topic(self, request: Mapping[str, Any]) -> object:
        topic_id = request.get("topic_id")
        (found,) = self._client.describe_topics([uuid.UUID(topic_id) if topic_id else request["topic"]])
        _raise_code(found["error_code"])
        partitions = [
            {
                "id": part["partition_index"],
                "leader": part["leader_id"],
                "replicas": part["replica_nodes"],
                "isr": part["isr_nodes"],
            }
            for part in found["partitions"]
        ]
        return {"name": found["name"], "topic_id": str(found["topic_id"]), "partitions": partitions}

    def offsets(self, request: Mapping[str, Any]) -> object:
        place = TopicPartition(request["topic"], request["partition"])
        spec = OFFSET_SPECS.get(request["at"], request["at"])
        isolation = IsolationLevel.READ_COMMITTED if request.get("read_committed") else IsolationLevel.READ_UNCOMMITTED
        found = self._client.list_partition_offsets({place: spec}, isolation_level=isolation)[place]
        return {"offset": found.offset, "timestamp_ms": found.timestamp}


def _raise_code(code: int) -> None:
    if code:
        raise for_code(code)


def code_of(error: Exception) -> int | None:
    return int(error.errno) if isinstance(error, BrokerResponseError) else None


def admin(options: protocol.Options) -> None:
    protocol.serve_operations(protocol.operations_of(Admin(options.bootstrap)), code_of)


if __name__ == "__main__":
    protocol.main(
        {
            "produce": produce,
            "consume": consume,
            "admin": admin,
            "survey": kafka_python_survey.serve,
            "group": group,
            "transact": transact,
            "transform": transform,
        }
    )
