"""Which members there are: each client with consumer groups, by each protocol and kind of assignor that it has."""

from __future__ import annotations

import os
from collections.abc import Iterable

import pytest

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


# Every size there is, in place of the largest.
EVERY_SIZE = os.environ.get("CLIENTS_SIZES") == "all"


def of_each_kind(kinds: Iterable[Kind]) -> pytest.MarkDecorator:
    """Parametrizes a test by `kind`."""
    return pytest.mark.parametrize("kind", [pytest.param(kind, id=kind.name) for kind in kinds])


def of_each_size(kinds: Iterable[Kind]) -> pytest.MarkDecorator:
    """Parametrizes a test by `kind` and `size`, the number of members."""
    pairs = []
    for kind in kinds:
        most = MOST_MEMBERS.get(kind.client.name, MOST_OF_OTHERS)
        pairs += [(kind, size) for size in range(1 if EVERY_SIZE else most, most + 1)]
    return pytest.mark.parametrize(("kind", "size"), pairs, ids=[f"{kind.name}-{size}" for kind, size in pairs])
