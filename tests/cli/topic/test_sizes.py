"""How many bytes partitions take."""

from __future__ import annotations

from cordwood.cli.client.connecting import cluster
from cordwood.cli.client.options import Connection
from cordwood.cli.topic.sizes import sizes
from tests.cli.topic.kit import create, produce


def test_leaders_tell_sizes(server):
    create(server, "orders", "-p", "3", "-c", "retention.ms=-1")
    create(server, "plain")
    produce(server, "orders", 2, [1])
    with cluster(Connection({"bootstrap.servers": server.bootstrap_servers})) as kafka:
        ((_, found),) = kafka.topics(["orders"])
        told = sizes(kafka, "orders", found.partitions)
        assert sorted(told) == [0, 1, 2]
        assert (told[0], told[1]) == (0, 0)
        assert told[2] > 60
        assert sizes(kafka, "orders", []) == {}
