"""What is wrong with a cluster: a row for each finding."""

from __future__ import annotations

from typing import Any

import pytest

from cordwood.cli.cluster.health import findings_of
from cordwood.cli.cluster.sight import Sight
from tests.cli.cluster.sights import BROKEN, WELL, partition, seen


def quorum(leader: int = 1, behind: int | None = 0, ago_ms: int | None = 0) -> dict[str, Any]:
    return {"leader": leader, "voters": [{"node": 2, "behind": behind, "caught_up_ms_ago": ago_ms}]}


@pytest.mark.parametrize(
    ("sight", "codes"),
    [
        (WELL, []),
        (BROKEN, ["unreachable-broker", "missing-broker", "leaderless", "under-min-isr", "under-replicated"]),
        (seen(brokers=()), ["no-brokers"]),
        (seen(controller=None), ["no-controller"]),
        (seen(partition("t", 0, isr=(1,)), min_isr={"t": 1}), ["under-replicated"]),
        (seen(quorum=quorum()), []),
        (seen(quorum=quorum(leader=-1)), ["no-quorum-leader"]),
        (seen(quorum=quorum(behind=None)), ["voter-behind"]),
        (seen(quorum=quorum(behind=1_000, ago_ms=10_000)), ["voter-behind"]),
        (seen(quorum=quorum(behind=1_000, ago_ms=None)), ["voter-behind"]),
        (seen(quorum=quorum(behind=999, ago_ms=99_000)), []),
        (seen(quorum=quorum(behind=5_000, ago_ms=9_999)), []),
    ],
)
def test_what_is_found(sight: Sight, codes: list[str]) -> None:
    assert [finding.code for finding in findings_of(sight)] == codes


def test_what_is_said() -> None:
    assert [(finding.about, finding.text, finding.advice) for finding in findings_of(BROKEN)] == [
        (
            "broker 3",
            "it does not answer (connection refused)",
            "look whether it runs; `cordwood doctor` looks at the way to it",
        ),
        ("broker 4", "it holds a replica and is not in the cluster", "start it again"),
        (
            "partitions",
            "orders-0 has no leader: nobody can write or read there",
            "bring back the brokers that hold them: 4",
        ),
        (
            "partitions",
            "orders-0, orders-1 have fewer replicas in sync than min.insync.replicas: acks=all is refused",
            "bring back the replicas that are missing",
        ),
        (
            "partitions",
            "orders-0, orders-1, bills-0 have replicas that are not in sync",
            "look whether their brokers run and keep up",
        ),
    ]


def test_of_a_broker_that_is_silent_is_said_what_it_leads() -> None:
    gone = {"unreachable": {2: "refused"}}
    for count, words in ((1, "a partition"), (2, "2 partitions")):
        led = [partition("orders", number, leader=2) for number in range(count)]
        (finding,) = findings_of(seen(partition("bills", 0), *led, **gone))
        assert finding.text == (
            f"it does not answer (refused), and leads {words}: nobody can write or read there meanwhile"
        )


def test_of_many_partitions_the_first_are_named() -> None:
    (finding,) = findings_of(seen(*(partition("t", number, leader=None) for number in range(11))))
    assert finding.text.startswith("t-0, t-1, t-2, t-3, t-4, t-5, t-6, t-7 and 3 more have no leader")
