"""What Cordwood and Apache Kafka share as subjects: the generator on librdkafka and the admin requests for topics."""

from __future__ import annotations

from concurrent.futures import Future

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from bench import generator
from bench.generator import BenchError
from bench.subjects.base import Subject, accepts

_TIMEOUT_S = 60.0


class KafkaProtocolSubject(Subject):
    """A server that librdkafka can talk to."""

    generator = generator.KAFKA

    def _admin(self) -> AdminClient:
        return AdminClient({"bootstrap.servers": self.address, "log_level": 2, "socket.timeout.ms": 10_000})

    def is_ready(self) -> bool:
        """Whether it answers a metadata request."""
        if not accepts(self.port):
            return False
        try:
            return bool(self._admin().list_topics(timeout=5).brokers)
        except KafkaException:
            return False

    def create_topic(self, topic: str, partitions: int) -> None:
        """Creates it with one replica and the server's own settings."""
        admin = self._admin()  # It must outlive the answer.
        self._wait(admin.create_topics([NewTopic(topic, num_partitions=partitions, replication_factor=1)]))

    def delete_topic(self, topic: str) -> None:
        """Deletes it; the files go as soon as the server sees fit."""
        admin = self._admin()
        self._wait(admin.delete_topics([topic], operation_timeout=_TIMEOUT_S))

    def _wait(self, answers: dict[str, Future[None]]) -> None:
        for topic, answer in answers.items():
            try:
                answer.result(_TIMEOUT_S)
            except KafkaException as error:
                raise BenchError(f"{self.label}: topic {topic}: {error}") from error
