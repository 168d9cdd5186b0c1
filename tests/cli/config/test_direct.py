"""Settings that librdkafka has no call for."""

from __future__ import annotations

import pytest

from cordwood.cli.client.configs import Change
from cordwood.cli.client.connecting import cluster
from cordwood.cli.client.errors import Unreachable
from cordwood.cli.client.kinds import Kind
from cordwood.cli.client.options import Connection
from cordwood.cli.cluster.direct import NoWayIn
from cordwood.cli.config.direct import alter, describe
from cordwood.cli.config.targets import Target
from tests.cli.running import run, run_json

METRICS = Target(Kind.CLIENT_METRICS, "latencies")


@pytest.fixture
def kafka(server):
    with cluster(Connection({"bootstrap.servers": server.bootstrap_servers})) as made:
        yield made


def test_a_subscription_is_made_and_taken_back(kafka):
    assert alter(kafka, METRICS, [Change("interval.ms", "5000")], is_dry=True) is None
    assert [value.origin for value in describe(kafka, METRICS) if value.name == "interval.ms"] != ["client-metrics"]
    assert alter(kafka, METRICS, [Change("interval.ms", "5000")], is_dry=False) is None
    (value,) = (value for value in describe(kafka, METRICS) if value.name == "interval.ms")
    assert (value.text, value.origin) == ("5000", "client-metrics")
    assert alter(kafka, METRICS, [Change("interval.ms", None)], is_dry=False) is None


def test_errors_are_values(kafka):
    error = alter(kafka, METRICS, [Change("interval.ms", "soon")], is_dry=False)
    assert error.name() == "INVALID_CONFIG"
    assert describe(kafka, Target(Kind.CLIENT_METRICS, "")).name() == "INVALID_REQUEST"


def test_a_broker_that_is_not_there(kafka):
    with pytest.raises(Unreachable, match="the cluster has no such broker"):
        describe(kafka, Target(Kind.BROKER_LOGGERS, "9"))


def test_what_all_brokers_have(server):
    done = run(server, "config", "set", "log.retention.ms=70000", "--broker", "default")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == (
        "TYPE    RESOURCE  NAME              VALUE  STATUS\nbroker  default   log.retention.ms  70000  set\n"
    )
    (row,) = (row for row in run_json(server, "config", "show", "--broker", "1") if row["name"] == "log.retention.ms")
    assert (row["value"], row["origin"]) == ("70000", "cluster")
    assert run(server, "config", "get", "log.retention.ms", "--broker", "default").stdout == "70000\n"
    assert run(server, "config", "unset", "log.retention.ms", "--broker", "default").exit_code == 0


def test_levels_of_loggers(server):
    rows = {row["name"]: row["value"] for row in run_json(server, "config", "show", "--broker-loggers", "1", "--all")}
    assert rows
    name = next(iter(rows))
    assert run(server, "config", "set", f"{name}=WARN", "--broker-loggers", "1", "--dry-run").exit_code == 0
    assert run(server, "config", "show", "--broker-loggers", "9").exit_code == 3


def test_with_tls_there_is_no_way_in(kafka):
    kafka.connection = Connection({**kafka.connection.properties, "security.protocol": "SSL"})
    for ask in (lambda: describe(kafka, METRICS), lambda: alter(kafka, METRICS, [], is_dry=True)):
        with pytest.raises(NoWayIn, match="client-metrics latencies: librdkafka has no call for it"):
            ask()
