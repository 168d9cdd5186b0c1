"""`cordwood topic trim`."""

from __future__ import annotations

import pytest

from cordwood.cli.terminal import arguments
from tests.cli.running import run, run_json
from tests.cli.topic.kit import create, produce


@pytest.fixture
def orders(server):
    """Ten records in partition 0, four in partition 1."""
    create(server, "orders", "-p", "2", "-c", "retention.ms=-1")
    produce(server, "orders", 0, range(1000, 1010))
    produce(server, "orders", 1, range(1006, 1010))
    yield server
    assert run(server, "topic", "delete", "orders").exit_code == 0


def starts(server):
    return [row["start"] for row in run_json(server, "topic", "offsets", "orders")]


def test_the_table(orders):
    done = run(orders, "topic", "trim", "orders", "--before", "@1007")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == (
        "TOPIC   PARTITION  START  NEW START  END  DELETED\n"
        "orders          0      0          7   10        7\n"
        "orders          1      0          1    4        1\n"
    )
    assert starts(orders) == [7, 1]


def test_the_fields_of_a_dry_run(orders):
    assert run_json(orders, "topic", "trim", "orders", "--before", "-4", "--dry-run") == [
        {"topic": "orders", "partition": 0, "old_start": 0, "start": 6, "end": 10, "deleted": 6, "dry_run": True},
        {"topic": "orders", "partition": 1, "old_start": 0, "start": 0, "end": 4, "deleted": 0, "dry_run": True},
    ]
    assert starts(orders) == [0, 0]
    done = run(orders, "topic", "trim", "orders", "--before", "end", "--dry-run")
    assert done.stdout.splitlines()[0] == "TOPIC   PARTITION  START  NEW START  END  WOULD BE DELETED"


def test_one_partition(orders):
    rows = run_json(orders, "topic", "trim", "orders", "--before", "end", "-p", "1")
    assert [(row["partition"], row["deleted"]) for row in rows] == [(1, 4)]
    assert starts(orders) == [0, 4]


def test_what_is_behind_the_end_is_refused_and_the_rest_done(orders):
    done = run(orders, "topic", "trim", "orders", "--before", "6", "-o", "jsonl")
    assert (done.exit_code, done.stderr) == (6, "error: orders, partition 1: offset 6 is behind the end, 4\n")
    assert done.stdout.count("\n") == 1
    assert starts(orders) == [6, 0]
    assert run(orders, "topic", "trim", "orders", "--before", "60").exit_code == 1


def test_what_is_not_there(orders):
    done = run(orders, "topic", "trim", "none", "--before", "end")
    assert (done.exit_code, done.stdout) == (3, "")
    done = run(orders, "topic", "trim", "orders", "--before", "1", "-p", "0", "-p", "7")
    assert (done.exit_code, done.stderr) == (6, "error: orders has no partition 7\n")
    assert starts(orders) == [1, 0]


@pytest.mark.parametrize(("flags", "code"), [([], 1), (["--yes"], 0)])
def test_a_person_is_asked(orders, monkeypatch, flags, code):
    monkeypatch.setattr(arguments, "can_answer", lambda: True)
    done = run(orders, "topic", "trim", "orders", "--before", "3", *flags, stdin="n\n")
    assert done.exit_code == code
    assert ("delete 6 records in 2 partitions of orders? [y/N]: " in done.stderr) is not bool(flags)
    assert starts(orders) == ([0, 0] if code else [3, 3])


def test_wrong_usage(server):
    assert run(server, "topic", "trim", "orders").exit_code == 2
    assert run(server, "topic", "trim", "orders", "--before", "tomorrow").exit_code == 2
