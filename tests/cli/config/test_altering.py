"""`cordwood config set` and `unset`."""

from __future__ import annotations

import pytest

from tests.cli.running import run, run_json
from tests.cli.topic.kit import create


@pytest.fixture
def orders(server):
    create(server, "orders", "plain")
    yield server
    assert run(server, "topic", "delete", "orders", "plain").exit_code == 0


def values(server, *target):
    return {row["name"]: row["value"] for row in run_json(server, "config", "show", *target)}


def test_the_table(orders):
    done = run(orders, "config", "set", "retention.ms=7", "flush.ms=8", "--topic", "orders", "--topic", "plain")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == (
        "TYPE   RESOURCE  NAME          VALUE  STATUS\n"
        "topic  orders    retention.ms  7      set\n"
        "topic  orders    flush.ms      8      set\n"
        "topic  plain     retention.ms  7      set\n"
        "topic  plain     flush.ms      8      set\n"
    )
    assert values(orders, "--topic", "orders") == {"retention.ms": "7", "flush.ms": "8"}
    done = run(orders, "config", "unset", "retention.ms", "--topic", "orders")
    assert done.stdout == (
        "TYPE   RESOURCE  NAME          VALUE  STATUS\ntopic  orders    retention.ms  -      unset\n"
    )
    assert values(orders, "--topic", "orders") == {"flush.ms": "8"}


def test_the_fields_of_a_dry_run(orders):
    assert run_json(orders, "config", "set", "retention.ms=7", "--topic", "orders", "--dry-run") == [
        {
            "type": "topic",
            "resource": "orders",
            "name": "retention.ms",
            "value": "7",
            "status": "set",
            "dry_run": True,
        }
    ]
    assert values(orders, "--topic", "orders") == {}
    done = run(orders, "config", "unset", "retention.ms", "--topic", "orders", "--dry-run")
    assert done.stdout.endswith("would be unset\n")


def test_all_brokers(server):
    done = run(server, "config", "set", "log.retention.ms=70000", "--broker", "all")
    assert done.exit_code == 0, done.stderr
    (row,) = (row for row in run_json(server, "config", "show", "--broker", "1") if row["name"] == "log.retention.ms")
    assert (row["value"], row["origin"]) == ("70000", "broker")
    assert run(server, "config", "unset", "log.retention.ms", "--broker", "1").exit_code == 0


def test_a_group(server):
    done = run(server, "config", "set", "consumer.session.timeout.ms=46000", "--group", "billing")
    assert done.exit_code == 0, done.stderr
    (row,) = run_json(server, "config", "show", "--group", "billing")
    assert (row["name"], row["value"], row["origin"]) == ("consumer.session.timeout.ms", "46000", "group")


def test_some_of_several(orders):
    done = run(orders, "config", "set", "retention.ms=7", "--topic", "none", "--topic", "orders")
    assert done.exit_code == 6
    assert done.stderr.startswith("error: topic none: ")
    assert done.stdout.count("\n") == 2


def test_what_is_refused(orders):
    done = run(orders, "config", "set", "retention.ms=soon", "--topic", "orders")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.endswith("(INVALID_CONFIG)\n")
    assert run(orders, "config", "set", "a=b", "--broker", "7").exit_code == 3


def test_wrong_usage(server):
    done = run(server, "config", "set", "a=b")
    assert done.exit_code == 2
    assert "say whose settings" in done.stderr
    assert run(server, "config", "set", "a", "--topic", "x").exit_code == 2
    assert run(server, "config", "unset", "--topic", "x").exit_code == 2
