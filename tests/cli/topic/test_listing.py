"""`cordwood topic list`."""

from __future__ import annotations

import pytest
from confluent_kafka.admin import PartitionMetadata, TopicMetadata

from cordwood.cli.topic.listing import COLUMNS, TROUBLE, row_of
from tests.cli.running import run, run_json
from tests.cli.topic.kit import create


@pytest.fixture(scope="module")
def filled(server):
    assert run(server, "topic", "list").stdout == "TOPIC  PARTITIONS  REPLICAS\n"
    create(server, "orders-a", "orders-b", "-p", "12")
    create(server, "events", "__consumer_offsets")
    return server


def test_the_table(filled):
    done = run(filled, "topic", "list")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == (
        "TOPIC     PARTITIONS  REPLICAS\n"
        "events             1         1\n"
        "orders-a          12         1\n"
        "orders-b          12         1\n"
    )


def test_the_fields(filled):
    assert run_json(filled, "topic", "list", "events") == [
        {
            "topic": "events",
            "partitions": 1,
            "replication_factor": 1,
            "internal": False,
            "under_replicated": 0,
            "without_leader": 0,
        }
    ]


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        (["orders-*"], ["orders-a", "orders-b"]),
        (["events", "*-a"], ["events", "orders-a"]),
        (["--regex", "orders-[b-z]"], ["orders-b"]),
        (["--internal"], ["__consumer_offsets", "events", "orders-a", "orders-b"]),
        (["__*"], []),
        (["--internal", "__*"], ["__consumer_offsets"]),
    ],
)
def test_which_topics(filled, arguments, wanted):
    assert [row["topic"] for row in run_json(filled, "topic", "list", *arguments)] == wanted


def test_wrong_usage(filled):
    done = run(filled, "topic", "list", "--regex", "(")
    assert done.exit_code == 2
    assert "is no regular expression" in done.stderr


def partition(leader, replicas, in_sync):
    found = PartitionMetadata()
    found.leader, found.replicas, found.isrs = leader, replicas, in_sync
    return found


def test_trouble_is_shown_where_there_is_some():
    topic = TopicMetadata()
    topic.topic = "orders"
    topic.partitions = {0: partition(1, [1, 2], [1, 2]), 1: partition(-1, [1, 2], []), 2: partition(2, [1, 2], [2])}
    row = row_of(topic)
    assert [column.of(row) for column in (*COLUMNS, *TROUBLE)] == ["orders", 3, 2, 2, 1]
    assert [column.style and column.style(column.of(row)) for column in TROUBLE] == ["yellow", "red"]
