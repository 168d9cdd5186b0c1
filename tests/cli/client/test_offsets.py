"""Which offset a point is, in the partitions of a cluster."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from confluent_kafka import OFFSET_INVALID, Producer
from confluent_kafka.admin import NewTopic

from cordwood.cli.client.connecting import Cluster, cluster
from cordwood.cli.client.errors import exit_of
from cordwood.cli.client.offset_spec import At, AtTime, BeforeEnd, End, Start
from cordwood.cli.client.offsets import Bounds, bounds, resolve
from cordwood.cli.client.options import Connection
from cordwood.cli.terminal.exits import Exit

PLACES = [("times", 0), ("times", 1)]


@pytest.fixture(scope="module")
def kafka(server):
    """A topic with records of the milliseconds 1000 to 1009 in partition 0, and nothing in partition 1."""
    with cluster(Connection({"bootstrap.servers": server.bootstrap_servers})) as made:
        dict(made.outcomes(made.admin.create_topics([NewTopic("times", 2)])))
        producer = Producer({"bootstrap.servers": server.bootstrap_servers})
        for number in range(10):
            producer.produce("times", b"x", partition=0, timestamp=1000 + number)
        assert producer.flush(10) == 0
        yield made


@pytest.mark.parametrize(
    ("point", "wanted"),
    [
        (Start(), (0, 0)),
        (End(), (10, 0)),
        (At(77), (77, 77)),
        (BeforeEnd(3), (7, 0)),
        (BeforeEnd(30), (0, 0)),
        (AtTime(1004), (4, 0)),
        (AtTime(0), (0, 0)),
        (AtTime(5000), (10, 0)),
    ],
)
def test_points(kafka: Cluster, point, wanted):
    assert resolve(kafka, PLACES, point) == dict(zip(PLACES, wanted, strict=True))


def test_bounds(kafka: Cluster):
    assert bounds(kafka, PLACES) == {PLACES[0]: Bounds(0, 10), PLACES[1]: Bounds(0, 0)}
    assert bounds(kafka, PLACES, is_committed=True)[PLACES[0]] == Bounds(0, 10)
    assert bounds(kafka, []) == {}


def test_what_is_not_there_has_an_error(kafka: Cluster):
    found = bounds(kafka, [("times", 0), ("none", 0)])
    assert found["times", 0] == Bounds(0, 10)
    assert exit_of(found["none", 0]) is Exit.NOT_FOUND
    assert exit_of(resolve(kafka, [("times", 9)], BeforeEnd(1))["times", 9]) is Exit.NOT_FOUND


class Silent:
    """A cluster in which nobody answers for partition 1: librdkafka gives no offset of it, and no error either."""

    timeout_s = 1.0

    def __init__(self) -> None:
        self.admin = self
        self.asked: list[list[int]] = []

    def list_offsets(self, wanted, **_options):
        self.asked.append([partition.partition for partition in wanted])
        return {partition: SimpleNamespace(offset=(5, OFFSET_INVALID)[partition.partition]) for partition in wanted}

    def outcomes(self, futures):
        return futures.items()


def test_a_leader_that_does_not_answer_is_an_error_and_is_not_asked_twice():
    silent = Silent()
    found = bounds(silent, PLACES)
    assert found[PLACES[0]] == Bounds(5, 5)
    assert exit_of(found[PLACES[1]]) is Exit.CONNECT
    assert silent.asked == [[0, 1], [0]]
