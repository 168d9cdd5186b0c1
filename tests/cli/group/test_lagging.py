"""`cordwood group lag`: by group, topic and partition."""

from __future__ import annotations

import pytest
from confluent_kafka import KafkaError

from cordwood.cli.client.connecting import Cluster
from cordwood.cli.group import lagging
from cordwood.cli.group.asking import Listing, list_groups
from cordwood.testing import Server
from tests.cli.running import run, run_json


@pytest.mark.parametrize(
    ("arguments", "lines"),
    [
        (
            [],
            [
                "GROUP    TOPICS  PARTITIONS  LAG",
                "audit         1           1    0",
                "billing       2           2   11",
            ],
        ),
        (
            ["--by", "topic", "--sort", "lag"],
            [
                "GROUP    TOPIC   PARTITIONS  LAG",
                "billing  bills            1    9",
                "billing  orders           1    2",
                "audit    orders           1    0",
            ],
        ),
        (
            ["bill*", "--by", "partition"],
            [
                "GROUP    TOPIC   PARTITION  COMMITTED  END  LAG",
                "billing  bills           0          1   10    9",
                "billing  orders          0          3    5    2",
            ],
        ),
        (
            ["--topic", "bil*"],
            [
                "GROUP    TOPICS  PARTITIONS  LAG",
                "billing       1           1    9",
            ],
        ),
    ],
)
def test_the_table(groups: Server, arguments: list[str], lines: list[str]) -> None:
    done = run(groups, "group", "lag", *arguments)
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.splitlines() == lines


def test_the_json(groups: Server) -> None:
    assert run_json(groups, "group", "lag", "audit") == [{"group": "audit", "topics": 1, "partitions": 1, "lag": 0}]
    assert run_json(groups, "group", "lag", "audit", "--by", "partition") == [
        {"group": "audit", "topic": "orders", "partition": 1, "committed": 5, "end": 5, "lag": 0}
    ]


def test_a_group_that_is_not_there(groups: Server) -> None:
    done = run(groups, "group", "lag", "nobody", "audit")
    assert done.exit_code == 6
    assert done.stderr == "error: there is no group nobody: `cordwood group list` shows those there are\n"
    assert run(groups, "group", "lag", "nobody").exit_code == 3


def test_a_group_may_be_with_a_broker_that_is_silent(groups: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only somebody who has heard all brokers can say that there is no such group."""

    def listed(kafka: Cluster) -> tuple[list[Listing], list[KafkaError]]:
        return list_groups(kafka)[0], [KafkaError(KafkaError._TIMED_OUT)]

    monkeypatch.setattr(lagging, "list_groups", listed)
    done = run(groups, "group", "lag", "audit", "other")
    assert done.exit_code == 6
    assert done.stderr.splitlines() == [
        "error: a broker does not tell its groups: no answer came in time (--timeout)",
        "error: other: nobody who answers has such a group",
    ]
