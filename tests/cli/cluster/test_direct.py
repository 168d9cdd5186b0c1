"""Requests that librdkafka has no call for."""

from __future__ import annotations

import pytest

from cordwood.cli.client.connecting import cluster
from cordwood.cli.client.errors import Unreachable
from cordwood.cli.client.options import Connection
from cordwood.cli.cluster.direct import NoWayIn, ask_first, ask_newest, talk_to_first
from cordwood.model.errors import ProtocolError
from cordwood.node.addresses import HostPort, parse_host_port
from cordwood.wire.messages.describe_log_dirs import DescribeLogDirsRequest
from tests.cli.client.silent import refused_address, web_server
from tests.cli.doctor.listening import listening, silent


@pytest.fixture
def kafka(server):
    with cluster(Connection({"bootstrap.servers": server.bootstrap_servers}, 5.0)) as made:
        yield made


def test_the_first_that_answers(server, kafka):
    with web_server() as web:
        places = [parse_host_port(place) for place in (refused_address(), web, server.bootstrap_servers)]
        assert ask_first(kafka, "sizes", places, DescribeLogDirsRequest()).error_code == 0


def test_nobody_answers(kafka):
    place = parse_host_port(refused_address())
    with pytest.raises(Unreachable, match=rf"{place}: \[Errno 111\]"):
        ask_first(kafka, "sizes", [place], DescribeLogDirsRequest())
    with pytest.raises(Unreachable, match="no such broker"):
        ask_first(kafka, "sizes", [], DescribeLogDirsRequest())


def test_with_tls_or_sasl_there_is_no_way_in(kafka):
    kafka.connection = Connection({**kafka.connection.properties, "security.protocol": "SASL_SSL"})
    with pytest.raises(NoWayIn, match="sizes: librdkafka has no call for it"):
        ask_first(kafka, "sizes", [HostPort("a", 1)], DescribeLogDirsRequest())


def test_a_broker_with_which_one_cannot_talk_is_passed_over(server, kafka):
    met = []

    def talk(connection, deadline):
        met.append(connection)
        if len(met) == 1:
            raise ProtocolError("it says nothing of that")
        return ask_newest(connection, DescribeLogDirsRequest(), deadline).error_code

    place = parse_host_port(server.bootstrap_servers)
    assert talk_to_first(kafka, "sizes", [place, place], talk) == 0
    assert len(met) == 2


def test_a_silent_broker_is_passed_over(kafka, monkeypatch):
    monkeypatch.setattr("cordwood.cli.cluster.direct.PATIENCE_S", 0.1)
    met = []

    def talk(connection, deadline):
        met.append(connection)
        return ask_newest(connection, DescribeLogDirsRequest(), deadline) if len(met) == 1 else "spoke"

    with listening(silent) as place:
        assert talk_to_first(kafka, "sizes", [place, place], talk) == "spoke"
