"""What is asked of a cluster, against a broker."""

from __future__ import annotations

import pytest
from confluent_kafka.admin import AdminClient, NewTopic

from cordwood.cli.client.connecting import Cluster
from cordwood.cli.client.options import connection_of
from cordwood.cli.cluster.looking import features_of, look, min_in_sync, quorum_of, unreachable_brokers
from cordwood.cli.cluster.sight import Broker, Partition
from cordwood.testing import Server

GONE = Broker(1, "127.0.0.1", 1, None)


@pytest.fixture(scope="module")
def kafka(server: Server) -> Cluster:
    admin = AdminClient({"bootstrap.servers": server.bootstrap_servers})
    for made in admin.create_topics([NewTopic("orders", 2, config={"min.insync.replicas": "3"})]).values():
        made.result()
    return Cluster(connection_of(server.bootstrap_servers, {}, {}, 5.0, {}))


def here(server: Server) -> Broker:
    return Broker(1, "127.0.0.1", server.port, None)


def test_brokers_and_partitions(kafka: Cluster, server: Server) -> None:
    sight = look(kafka)
    assert (sight.cluster_id, sight.controller, sight.brokers) == (server.node.image.cluster_id, 1, (here(server),))
    assert sight.partitions == tuple(Partition("orders", number, 1, (1,), (1,)) for number in (0, 1))


def test_a_broker_that_answers(kafka: Cluster, server: Server) -> None:
    assert unreachable_brokers(kafka, [here(server)]) == {}


def test_a_broker_that_is_not_there(kafka: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cordwood.cli.cluster.looking.PATIENCE_S", 0.2)
    (node,) = unreachable_brokers(kafka, [Broker(9, "127.0.0.1", 1, None)])
    assert node == 9


def test_settings(kafka: Cluster) -> None:
    assert min_in_sync(kafka, ["orders", "orders", "gone"]) == {"orders": 3}
    assert min_in_sync(kafka, []) == {}


def test_features(kafka: Cluster, server: Server) -> None:
    features = features_of(kafka, [GONE, here(server)])
    assert features is not None
    assert features["group.version"] == 1
    assert features_of(kafka, [GONE]) is None


def test_the_quorum(kafka: Cluster, server: Server) -> None:
    quorum = quorum_of(kafka, look(kafka))
    assert quorum is not None
    assert (quorum["leader"], [voter["node"] for voter in quorum["voters"]]) == (1, [1])


def test_where_we_are_not_let_in_nothing_is_asked(server: Server) -> None:
    properties = {"security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "PLAIN"}
    properties |= {"sasl.username": "a", "sasl.password": "b"}
    kafka = Cluster(connection_of(server.bootstrap_servers, properties, {}, 5.0, {}))
    assert features_of(kafka, [here(server)]) is None
