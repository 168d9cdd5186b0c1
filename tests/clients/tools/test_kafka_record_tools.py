"""Kafka's tools that write and read records, each run against a broker, and what they leave behind.

The broker is the tests' own, and lets a group begin with its first member.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.clients.conftest import run_broker
from tests.clients.harness.broker import Broker
from tests.clients.tools.kafka_tools import KafkaTools, Said, kafka_tools
from tests.clients.tools.topics import Admin, send

RECORDS = 10


@pytest.fixture(scope="module")
def own_broker(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    settings = {"group.initial.rebalance.delay.ms": "0"}
    yield from run_broker(request, Broker(tmp_path_factory.mktemp("record-tools"), settings))


@pytest.fixture(scope="module")
def tools(own_broker: Broker) -> Iterator[KafkaTools]:
    with kafka_tools(own_broker) as running:
        yield running


@pytest.fixture
def lines(tools: KafkaTools, topic: str) -> str:
    """A topic of one partition."""
    Admin(tools.bootstrap).create(topic, 1)
    return topic


@pytest.fixture
def written(tools: KafkaTools, lines: str) -> str:
    """The same, with ten records."""
    send(tools.bootstrap, lines, ((f"k{number}", f"v{number}") for number in range(RECORDS)))
    return lines


def events(said: Said, name: str) -> list[dict[str, Any]]:
    """What a verifiable client tells of this kind."""
    return [event for line in said.lines if (event := json.loads(line))["name"] == name]


@pytest.mark.parametrize("codec", ["none", "zstd"])
def test_console_producer_and_consumer(tools: KafkaTools, lines: str, codec: str) -> None:
    keyed = ("--reader-property", "parse.key=true", "--reader-property", "key.separator=:")
    text = "".join(f"k{number}:v{number} ü\n" for number in range(RECORDS))
    tools.run("kafka-console-producer", "--topic", lines, "--compression-codec", codec, *keyed, stdin=text)
    assert Admin(tools.bootstrap).ends(lines) == {0: RECORDS}
    shown = ("--formatter-property", "print.key=true", "--formatter-property", "print.offset=true")
    place = ("--partition", "0", "--offset", "2", "--max-messages", "8")
    said = tools.run("kafka-console-consumer", "--topic", lines, *shown, *place)
    assert said.lines == [f"Offset:{number}\tk{number}\tv{number} ü" for number in range(2, RECORDS)]


@pytest.mark.parametrize("protocol", ["classic", "consumer"])
def test_console_consumer_in_a_group(tools: KafkaTools, written: str, protocol: str) -> None:
    group = f"{protocol}-{written}"
    arguments = ("--topic", written, "--group", group, "--command-property", f"group.protocol={protocol}")
    said = tools.run("kafka-console-consumer", *arguments, "--from-beginning", "--max-messages", "4")
    assert said.lines == [f"v{number}" for number in range(4)]
    assert Admin(tools.bootstrap).committed(group, written) == {0: 4}
    said = tools.run("kafka-console-consumer", *arguments, "--max-messages", "6")
    assert said.lines == [f"v{number}" for number in range(4, RECORDS)]


def test_verifiable_producer(tools: KafkaTools, lines: str) -> None:
    said = tools.run_alone("kafka-verifiable-producer", "--topic", lines, "--max-messages", "7", "--value-prefix", "5")
    acknowledged = events(said, "producer_send_success")
    assert [(event["value"], event["offset"]) for event in acknowledged] == [
        (f"5.{number}", number) for number in range(7)
    ]
    (summary,) = events(said, "tool_data")
    assert (summary["sent"], summary["acked"]) == (7, 7)
    assert Admin(tools.bootstrap).ends(lines) == {0: 7}


def test_verifiable_consumer(tools: KafkaTools, written: str) -> None:
    group = f"verifiable-{written}"
    arguments = ("--topic", written, "--group-id", group, "--reset-policy", "earliest", "--max-messages", str(RECORDS))
    said = tools.run_alone("kafka-verifiable-consumer", *arguments)
    (assigned,) = events(said, "partitions_assigned")
    assert assigned["partitions"] == [{"topic": written, "partition": 0}]
    consumed = events(said, "records_consumed")
    assert sum(event["count"] for event in consumed) == RECORDS
    assert consumed[-1]["partitions"][0]["maxOffset"] == RECORDS - 1
    assert [event["success"] for event in events(said, "offsets_committed")] == [True] * len(consumed)
    assert events(said, "shutdown_complete")
    assert Admin(tools.bootstrap).committed(group, written) == {0: RECORDS}


def test_perf_tests(tools: KafkaTools, lines: str) -> None:
    size = ("--num-records", "2000", "--record-size", "100", "--throughput", "-1")
    said = tools.run("kafka-producer-perf-test", "--topic", lines, *size)
    assert said.lines[-1].startswith("2000 records sent, ")
    assert Admin(tools.bootstrap).ends(lines) == {0: 2000}
    read = tools.run("kafka-consumer-perf-test", "--topic", lines, "--num-records", "2000")
    columns, figures = (line.split(", ") for line in read.lines)
    assert int(dict(zip(columns, figures, strict=True))["data.consumed.in.nMsg"]) == 2000


def test_end_to_end_latency(tools: KafkaTools, lines: str) -> None:
    count = ("--num-records", "10", "--producer-acks", "all", "--record-size", "20")
    said = tools.run("kafka-e2e-latency", "--topic", lines, *count)
    assert said.lines[-2].startswith("Avg latency: ")
    assert Admin(tools.bootstrap).ends(lines) == {0: 10}
