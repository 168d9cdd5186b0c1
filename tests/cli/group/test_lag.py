"""Lag of partitions, and its sums."""

from __future__ import annotations

import pytest

from cordwood.cli.group.lag import By, PartitionLag, lag_rows, most_first, partition_lags, total_lag

COMMITTED: dict[tuple[str, int], int | None] = {("b", 0): 4, ("a", 1): None, ("a", 0): 9, ("gone", 0): 2}
ENDS = {("a", 0): 7, ("a", 1): 3, ("b", 0): 10}
LAGS = partition_lags("g", COMMITTED, ENDS)


@pytest.mark.parametrize(
    ("committed", "end", "lag"), [(3, 5, 2), (5, 5, 0), (9, 5, 0), (None, 5, None), (3, None, None)]
)
def test_of_a_partition(committed: int | None, end: int | None, lag: int | None) -> None:
    assert PartitionLag("g", "t", 0, committed, end).lag == lag


def test_partitions_are_in_order() -> None:
    assert [(one.topic, one.partition, one.lag) for one in LAGS] == [
        ("a", 0, 0),
        ("a", 1, None),
        ("b", 0, 6),
        ("gone", 0, None),
    ]


def test_what_is_not_known_is_not_counted() -> None:
    assert total_lag(LAGS) == 6
    assert total_lag(LAGS[1:2]) is None
    assert total_lag([]) is None


def test_rows() -> None:
    assert lag_rows(["g"], LAGS[:1], By.PARTITION) == [
        {"group": "g", "topic": "a", "partition": 0, "committed": 9, "end": 7, "lag": 0}
    ]
    assert lag_rows(["g"], LAGS, By.TOPIC) == [
        {"group": "g", "topic": "a", "partitions": 2, "lag": 0},
        {"group": "g", "topic": "b", "partitions": 1, "lag": 6},
        {"group": "g", "topic": "gone", "partitions": 1, "lag": None},
    ]
    assert lag_rows(["g", "idle"], LAGS, By.GROUP) == [
        {"group": "g", "topics": 3, "partitions": 4, "lag": 6},
        {"group": "idle", "topics": 0, "partitions": 0, "lag": None},
    ]


def test_the_longest_way_first_and_what_is_unknown_last() -> None:
    rows = [{"lag": 1}, {"lag": None}, {"lag": 7}, {"lag": 0}]
    assert [row["lag"] for row in most_first(rows)] == [7, 1, 0, None]
