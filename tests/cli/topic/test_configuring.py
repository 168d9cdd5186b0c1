"""`cordwood topic config`."""

from __future__ import annotations

import pytest

from tests.cli.running import run, run_json
from tests.cli.topic.kit import create


@pytest.fixture
def orders(server):
    create(server, "orders", "-c", "retention.ms=1000")
    yield server
    assert run(server, "topic", "delete", "orders").exit_code == 0


def test_the_table(orders):
    done = run(orders, "topic", "config", "orders")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == "NAME          VALUE  ORIGIN\nretention.ms  1000   topic\n"


def test_the_fields(orders):
    (row,) = run_json(orders, "topic", "config", "orders")
    assert row == {
        "name": "retention.ms",
        "value": "1000",
        "origin": "topic",
        "read_only": False,
        "sensitive": False,
        "overrides": [{"name": "log.retention.hours", "value": "168", "origin": "default"}],
    }


def test_all_settings(orders):
    values = {row["name"]: row for row in run_json(orders, "topic", "config", "orders", "--all")}
    assert len(values) > 20
    assert (values["cleanup.policy"]["value"], values["cleanup.policy"]["origin"]) == ("delete", "default")


def test_changes(orders):
    done = run(orders, "topic", "config", "orders", "--set", "cleanup.policy=compact", "--delete", "retention.ms")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == (
        "TOPIC   NAME            VALUE    STATUS\n"
        "orders  cleanup.policy  compact  set\n"
        "orders  retention.ms    -        unset\n"
    )
    (row,) = run_json(orders, "topic", "config", "orders")
    assert (row["name"], row["value"]) == ("cleanup.policy", "compact")


def test_a_dry_run_changes_nothing(orders):
    rows = run_json(orders, "topic", "config", "orders", "--set", "retention.ms=7", "--dry-run")
    assert rows == [{"topic": "orders", "name": "retention.ms", "value": "7", "status": "set", "dry_run": True}]
    done = run(orders, "topic", "config", "orders", "--delete", "retention.ms", "--dry-run")
    assert done.stdout.endswith("orders  retention.ms  -      would be unset\n")
    assert run_json(orders, "topic", "config", "orders")[0]["value"] == "1000"


def test_a_change_that_is_refused_changes_nothing(orders):
    done = run(orders, "topic", "config", "orders", "--set", "flush.ms=7", "--set", "retention.ms=soon")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith("error: orders: ")
    assert done.stderr.endswith("(INVALID_CONFIG)\n")
    assert [row["name"] for row in run_json(orders, "topic", "config", "orders")] == ["retention.ms"]


def test_what_is_not_there(server):
    for arguments in ([], ["--set", "retention.ms=1"]):
        done = run(server, "topic", "config", "none", *arguments)
        assert (done.exit_code, done.stdout) == (3, "")


def test_wrong_usage(server):
    done = run(server, "topic", "config", "orders", "--set", "a=1", "--delete", "a")
    assert done.exit_code == 2
    assert "a is to be set and deleted at once" in done.stderr
