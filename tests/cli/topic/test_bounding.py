"""`cordwood topic offsets`."""

from __future__ import annotations

import pytest

from tests.cli.running import run, run_json
from tests.cli.topic.kit import create, produce


@pytest.fixture(scope="module")
def filled(server):
    create(server, "orders", "-p", "2", "-c", "retention.ms=-1")
    create(server, "plain")
    produce(server, "orders", 0, [86_400_000 + number for number in range(10)])
    assert run(server, "topic", "trim", "orders", "--before", "2").exit_code in {1, 6}
    return server


def test_the_table(filled):
    done = run(filled, "topic", "offsets", "orders", "plain")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == (
        "TOPIC   PARTITION  START  END  COUNT\n"
        "orders          0      2   10      8\n"
        "orders          1      0    0      0\n"
        "plain           0      0    0      0\n"
    )


@pytest.mark.parametrize(
    ("point", "at"),
    [
        ("@1970-01-02T00:00:00.005Z", [5, 0]),
        ("@86400003", [3, 0]),
        ("@-1h", [10, 0]),
        ("-3", [7, 0]),
        ("start", [2, 0]),
        ("end", [10, 0]),
    ],
)
def test_a_point_in_each_partition(filled, point, at):
    rows = run_json(filled, "topic", "offsets", "ord*", "--at", point)
    assert rows == [
        {"topic": "orders", "partition": 0, "start": 2, "end": 10, "count": 8, "at": at[0]},
        {"topic": "orders", "partition": 1, "start": 0, "end": 0, "count": 0, "at": at[1]},
    ]


def test_a_point_is_a_column(filled):
    done = run(filled, "topic", "offsets", "plain", "--at", "end", "--committed")
    assert done.stdout == "TOPIC  PARTITION  START  END  COUNT  AT\nplain          0      0    0      0   0\n"


def test_what_is_not_there(filled):
    done = run(filled, "topic", "offsets", "none")
    assert (done.exit_code, done.stdout) == (3, "")
    assert done.stderr == "error: none: Unknown topic or partition (UNKNOWN_TOPIC_OR_PART)\n"
    done = run(filled, "topic", "offsets", "none", "plain", "-o", "json")
    assert done.exit_code == 6


def test_wrong_usage(filled):
    done = run(filled, "topic", "offsets", "plain", "--at", "@soon")
    assert done.exit_code == 2
    assert "'soon' is no time" in done.stderr
