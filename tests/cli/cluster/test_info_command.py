"""`cordwood cluster info`: its table, its JSON, its errors."""

from __future__ import annotations

import pytest
from confluent_kafka.admin import AdminClient, NewTopic

from cordwood.cli.cluster.info_command import info_value
from cordwood.testing import Server
from tests.cli.cluster.sights import WELL
from tests.cli.running import run, run_json


@pytest.fixture(scope="module")
def orders(server: Server) -> Server:
    """There is a topic of two partitions."""
    admin = AdminClient({"bootstrap.servers": server.bootstrap_servers})
    for made in admin.create_topics([NewTopic("orders", 2)]).values():
        made.result()
    return server


def test_the_table(orders: Server) -> None:
    done = run(orders, "cluster", "info")
    assert (done.exit_code, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    place = orders.bootstrap_servers
    assert lines[:5] == [
        f"Cluster:    {orders.node.image.cluster_id}",
        "Controller: 1",
        "Brokers:    1",
        "Topics:     1",
        "Partitions: 2",
    ]
    assert lines[5].startswith("Features:   group.version 1, ")
    assert lines[6:] == [
        "",
        f"NODE  {'ADDRESS':{len(place)}}  RACK  CONTROLLER  LEADS  HOLDS",
        f"   1  {place}  -     yes             2      2",
    ]


def test_the_json(orders: Server) -> None:
    value = run_json(orders, "cluster", "info")
    assert value["features"]["transaction.version"] == 2
    assert {name: value[name] for name in ("cluster_id", "controller", "topics", "partitions")} == {
        "cluster_id": orders.node.image.cluster_id,
        "controller": 1,
        "topics": 1,
        "partitions": 2,
    }
    assert value["brokers"] == [
        {
            "node_id": 1,
            "host": "127.0.0.1",
            "port": orders.port,
            "rack": None,
            "controller": True,
            "leads": 2,
            "holds": 2,
        }
    ]


def test_how_much_each_broker_holds() -> None:
    value = info_value(WELL, None)
    assert [(broker["leads"], broker["holds"]) for broker in value["brokers"]] == [(2, 3), (1, 3), (0, 3)]
    assert value["features"] is None


def test_nobody_answers() -> None:
    done = run(None, "cluster", "info", "-b", "127.0.0.1:1")
    assert (done.exit_code, done.stdout) == (5, "")
    assert done.stderr.startswith("error: nobody answers at 127.0.0.1:1: ")
