"""Which members there are: each client with consumer groups, by each protocol and kind of assignor that it has."""

from __future__ import annotations

from tests.clients.harness.clients import named
from tests.clients.harness.crew import Kind

CONFLUENT = named("confluent-kafka")
KAFKA_PYTHON = named("kafka-python")
AIOKAFKA = named("aiokafka")
KAFKAJS = named("kafkajs")
FRANZ = named("franz-go")
JAVA = named("java-4.3.0")
JAVA_3 = named("java-3.9.1")

# A JVM is heavy, and a group of three has seen everything.
MOST_MEMBERS = {JAVA.name: 3, JAVA_3.name: 3}
MOST_OF_OTHERS = 8

CLASSIC = (
    Kind(CONFLUENT),
    Kind(CONFLUENT, assignor="cooperative-sticky"),
    Kind(KAFKA_PYTHON),
    Kind(KAFKA_PYTHON, assignor="cooperative-sticky"),
    Kind(AIOKAFKA),
    Kind(KAFKAJS),
    Kind(FRANZ),
    Kind(FRANZ, assignor="range"),
    Kind(JAVA),
    Kind(JAVA, assignor="cooperative-sticky"),
    Kind(JAVA_3),
)
CONSUMER = (
    Kind(CONFLUENT, "consumer"),
    Kind(CONFLUENT, "consumer", "range"),
    Kind(FRANZ, "consumer"),
    Kind(JAVA, "consumer"),
    Kind(JAVA_3, "consumer"),
)


def most_members(kind: Kind) -> int:
    """How large a group of this kind is made."""
    return MOST_MEMBERS.get(kind.client.name, MOST_OF_OTHERS)
