"""The settings of a running cluster."""

from __future__ import annotations

import pytest
from confluent_kafka import KafkaError, KafkaException

from cordwood.cli.client.errors import Unreachable, exit_of
from cordwood.cli.client.kinds import Kind
from cordwood.cli.client.options import Connection
from cordwood.cli.config import asking
from cordwood.cli.config.asking import alter_target, describe_target, described
from cordwood.cli.config.targets import Target
from cordwood.cli.terminal.exits import Exit, Outcomes
from tests.cli.topic.kit import create


def test_rows_say_whose_they_are(server, capsys):
    create(server, "orders", "-c", "retention.ms=7")
    outcomes = Outcomes()
    targets = [Target(Kind.TOPIC, "orders"), Target(Kind.BROKER, "all"), Target(Kind.TOPIC, "none")]
    rows = described(targets, Connection({"bootstrap.servers": server.bootstrap_servers}), outcomes)
    assert {(row["type"], row["resource"]) for row in rows} == {("topic", "orders"), ("broker", "1")}
    assert [row["value"] for row in rows if row["name"] == "retention.ms"] == ["7"]
    assert outcomes.code is Exit.NOT_FOUND
    assert capsys.readouterr().err.startswith("error: topic none: ")


@pytest.mark.parametrize(
    "silence",
    [Unreachable("a:1,b:2", "b:2 refused", Exit.CONNECT), KafkaException(KafkaError(KafkaError._TIMED_OUT))],
    ids=["unreachable", "late"],
)
def test_one_broker_that_is_silent_is_no_silent_cluster(monkeypatch, silence):
    def ask(*_arguments, **_options):
        raise silence

    monkeypatch.setattr(asking, "describe", ask)
    monkeypatch.setattr(asking, "alter", ask)
    broker, topic = Target(Kind.BROKER, "3"), Target(Kind.TOPIC, "orders")
    for told in (describe_target(None, broker), alter_target(None, broker, [], is_dry=True)):
        assert exit_of(told) is Exit.CONNECT
    with pytest.raises(type(silence)):
        describe_target(None, topic)


def test_who_is_not_let_in_is_let_in_nowhere(monkeypatch):
    def ask(*_arguments, **_options):
        raise Unreachable("a:1", "SASL", Exit.AUTH)

    monkeypatch.setattr(asking, "describe", ask)
    with pytest.raises(Unreachable):
        describe_target(None, Target(Kind.BROKER, "3"))
