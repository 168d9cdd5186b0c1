"""Topics and partitions that are meant; the rest of it in test_consume.py, through the command."""

from __future__ import annotations

import pytest

from cordwood.cli.client.connecting import Cluster
from cordwood.cli.client.offset_spec import AtTime, End, Start
from cordwood.cli.client.options import Connection
from cordwood.cli.records.finding import find_topics, find_windows
from cordwood.cli.records.windows import Wanted
from tests.cli.records.broker_kit import fill, make_topic, values


@pytest.fixture(scope="module")
def kafka(server):
    make_topic(server, "a", 2)
    make_topic(server, "ab", 1)
    fill(server, "a", [*values("1", "2"), *values("3", partition=1)])
    return Cluster(Connection({"bootstrap.servers": server.bootstrap_servers}))


def test_topics_by_name_and_by_pattern(kafka):
    assert find_topics(kafka, ["a"]) == {"a": [0, 1]}
    assert find_topics(kafka, ["^a", "ab"]) == {"a": [0, 1], "ab": [0]}
    assert find_topics(kafka, ["^ab$"]) == {"ab": [0]}


def test_windows_of_partitions_in_which_there_is_something(kafka):
    windows = find_windows(kafka, ["^a"], None, Wanted(Start(), End(), False, False), is_committed=True)
    assert (windows.positions, windows.total) == ({("a", 0): 0, ("a", 1): 0}, 3)


def test_a_time_after_all_is_the_end(kafka):
    windows = find_windows(kafka, ["a"], frozenset([1]), Wanted(AtTime(1 << 60), None, False, False), is_committed=True)
    assert windows.positions == {("a", 1): 1}
