"""`cordwood topic describe`."""

from __future__ import annotations

import re

import pytest

from tests.cli.running import run, run_json
from tests.cli.topic.kit import create, produce


@pytest.fixture(scope="module")
def filled(server):
    create(server, "orders", "-p", "2", "-c", "retention.ms=-1")
    create(server, "plain")
    produce(server, "orders", 1, [1, 2, 3])
    return server


def test_the_sections(filled):
    done = run(filled, "topic", "describe", "orders", "plain")
    assert (done.exit_code, done.stderr) == (0, "")
    assert re.sub(r"(?m)^(Id: +)\S{22}$", r"\1ID", done.stdout) == (
        "Topic:              orders\n"
        "Id:                 ID\n"
        "Partitions:         2\n"
        "Replication factor: 1\n"
        "\n"
        "PARTITION  LEADER  REPLICAS  IN SYNC  START  END\n"
        "        0       1  1         1            0    0\n"
        "        1       1  1         1            0    3\n"
        "\n"
        "Settings that are not the default's\n"
        "NAME          VALUE  ORIGIN\n"
        "retention.ms  -1     topic\n"
        "\n"
        "Topic:              plain\n"
        "Id:                 ID\n"
        "Partitions:         1\n"
        "Replication factor: 1\n"
        "\n"
        "PARTITION  LEADER  REPLICAS  IN SYNC  START  END\n"
        "        0       1  1         1            0    0\n"
    )


def test_the_fields(filled):
    (value,) = run_json(filled, "topic", "describe", "ord*")
    assert len(value.pop("topic_id")) == 22
    assert value == {
        "topic": "orders",
        "internal": False,
        "replication_factor": 1,
        "partitions": [
            {"partition": 0, "leader": 1, "replicas": [1], "in_sync": [1], "start": 0, "end": 0},
            {"partition": 1, "leader": 1, "replicas": [1], "in_sync": [1], "start": 0, "end": 3},
        ],
        "configs": [{"name": "retention.ms", "value": "-1", "origin": "topic"}],
    }


def test_sizes(filled):
    done = run(filled, "topic", "describe", "orders", "--size")
    assert (done.exit_code, done.stderr) == (0, "")
    assert "PARTITION  LEADER  REPLICAS  IN SYNC  START  END  BYTES\n" in done.stdout
    (value,) = run_json(filled, "topic", "describe", "orders", "--size")
    empty, written = (partition["size_bytes"] for partition in value["partitions"])
    assert empty == 0
    assert written > 60
    done = run(filled, "topic", "describe", "orders", "--size", "-X", "security.protocol=SSL")
    assert (done.exit_code, done.stdout) == (4, "")


def test_what_is_not_there(filled):
    done = run(filled, "topic", "describe", "none")
    assert (done.exit_code, done.stdout) == (3, "")
    assert done.stderr == "error: none: Unknown topic or partition (UNKNOWN_TOPIC_OR_PART)\n"
    done = run(filled, "topic", "describe", "plain", "none*", "-o", "jsonl")
    assert (done.exit_code, done.stderr) == (6, "error: no topic fits none*\n")
    assert done.stdout.count("\n") == 1
    assert run(filled, "topic", "describe").exit_code == 2
    assert run_json(filled, "topic", "list", "none") == []
