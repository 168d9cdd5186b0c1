"""The settings of a running cluster."""

from __future__ import annotations

from cordwood.cli.client.kinds import Kind
from cordwood.cli.client.options import Connection
from cordwood.cli.config.asking import described
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
