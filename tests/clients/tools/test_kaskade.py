"""kaskade, a user interface for the terminal: it shows the topics, groups, members and lag of a live broker.

The broker is the tests' own, since it shows all there is.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from confluent_kafka import Consumer, TopicPartition

from tests.clients.conftest import run_broker
from tests.clients.harness.broker import Broker
from tests.clients.tools.process import need
from tests.clients.tools.topics import QUIET, Admin, send

FOLDER = Path(__file__).parent / "kaskade"
PYTHON = FOLDER / "target" / "venv" / "bin" / "python"
ENDED_WITHIN_S = 60.0
POLLS = 300
ABOUT = "≈"
"""Before figures that may have changed meanwhile."""


@pytest.fixture
def own_broker(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    settings = {"group.initial.rebalance.delay.ms": "0", "offsets.topic.num.partitions": "4"}
    yield from run_broker(request, Broker(tmp_path_factory.mktemp("kaskade"), settings))


@pytest.fixture
def reading(own_broker: Broker) -> Iterator[str]:
    """The member of `readers`, a group of KIP-848 that has committed an offset."""
    admin = Admin(own_broker.bootstrap)
    admin.create("orders", 2)
    for partition, records in ((0, 10), (1, 5)):
        send(own_broker.bootstrap, "orders", ((None, str(number)) for number in range(records)), partition)
    settings = {"bootstrap.servers": own_broker.bootstrap, "group.id": "readers", "group.protocol": "consumer"}
    with closing(Consumer({**settings, "client.id": "reader", "enable.auto.commit": "false", **QUIET})) as consumer:
        consumer.subscribe(["orders"])
        assert any(consumer.poll(0.1) is None and consumer.assignment() for _ in range(POLLS)), "it has no partitions"
        consumer.commit(offsets=[TopicPartition("orders", 0, 4)], asynchronous=False)
        yield consumer.memberid()


def test_it_shows_topics_groups_and_lag(own_broker: Broker, reading: str) -> None:
    need("kaskade", built_in=FOLDER)
    Admin(own_broker.bootstrap).commit("billing", "orders", {0: 7, 1: 5})
    command = [str(PYTHON), str(FOLDER / "look.py"), own_broker.bootstrap, "orders"]
    seen = subprocess.run(command, capture_output=True, text=True, timeout=ENDED_WITHIN_S, check=False)
    assert seen.returncode == 0, seen.stderr
    shown = json.loads(seen.stdout)

    # Name, partitions, replicas, in sync, groups, members, records, lag.
    topics = {name: cells for name, *cells in shown["topics-table"]}
    assert topics["orders"] == ["2", "1", "1", "2", "1", f"{ABOUT}15", f"{ABOUT}9"]
    # Number, leader, first, end, records, replicas, in sync.
    assert shown["partitions-table"] == [
        ["0", "1", "0", "10", "10", "[1]", "[1]"],
        ["1", "1", "0", "5", "5", "[1]", "[1]"],
    ]
    # Name, coordinator, state, assignor, partitions with offsets, members, lag.
    coordinator = f"{own_broker.bootstrap}/1"
    assert shown["groups-table"] == [
        ["billing", coordinator, "empty", "", "2", "0", "3"],
        ["readers", coordinator, "stable", "uniform", "1", "1", "6"],
    ]
    assert shown["group-offsets-table"] == [
        ["billing", "0", "7", "10", "3"],
        ["billing", "1", "5", "5", "0"],
        ["readers", "0", "4", "10", "6"],
    ]
    assert shown["group-members-table"] == [["readers", "reader", reading, "/127.0.0.1", "[0, 1]"]]
