"""`cordwood topic add-partitions`."""

from __future__ import annotations

import pytest

from tests.cli.running import run, run_json
from tests.cli.topic.kit import create


@pytest.fixture(scope="module")
def orders(server):
    create(server, "orders", "-p", "2")
    return server


def partitions(server):
    (row,) = run_json(server, "topic", "list", "orders")
    return row["partitions"]


def test_the_table_of_a_dry_run(orders):
    done = run(orders, "topic", "add-partitions", "orders", "--to", "5", "--dry-run")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == "TOPIC   BEFORE  PARTITIONS  STATUS\norders       2           5  would be added\n"
    assert partitions(orders) == 2


def test_the_fields(orders):
    before = partitions(orders)
    assert run_json(orders, "topic", "add-partitions", "orders", "--add", "2") == [
        {"topic": "orders", "old_partitions": before, "partitions": before + 2, "status": "added", "dry_run": False}
    ]
    assert partitions(orders) == before + 2
    assert run_json(orders, "topic", "add-partitions", "orders", "--to", "9")[0]["partitions"] == 9
    assert partitions(orders) == 9


def test_what_is_refused(orders):
    done = run(orders, "topic", "add-partitions", "orders", "--to", "1")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith("error: orders: ")
    assert done.stderr.endswith("(INVALID_PARTITIONS)\n")
    done = run(orders, "topic", "add-partitions", "none", "--add", "1")
    assert (done.exit_code, done.stdout) == (3, "")


@pytest.mark.parametrize("arguments", [[], ["--to", "3", "--add", "1"], ["--to", "0"]])
def test_wrong_usage(orders, arguments):
    assert run(orders, "topic", "add-partitions", "orders", *arguments).exit_code == 2
