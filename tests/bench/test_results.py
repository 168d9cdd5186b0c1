"""The arithmetic of the benchmark: medians, and ratios to Kafka in the same cell only."""

from __future__ import annotations

import json

import pytest

from bench.results import Results, Row, medians


def row(subject, policy, rate, **setting):
    return Row("produce", subject, policy, setting, {"messages_per_s": rate}, 3)


def test_the_median_of_each_value_is_taken_alone():
    assert medians([{"a": 1, "b": 9}, {"a": 3, "b": 7}, {"a": 2}]) == {"a": 2, "b": 8}


def test_a_ratio_is_taken_to_kafka_under_the_same_policy_and_setting():
    ours = row("cordwood", "os", 300, size=100)
    results = Results([row("kafka", "commit", 10, size=100), row("kafka", "os", 200, size=100), ours])
    assert results.ratios(ours) == {"messages_per_s": pytest.approx(1.5)}


@pytest.mark.parametrize("other", [row("kafka", "os", 200, size=1024), row("kafka", "commit", 200, size=100)])
def test_there_is_no_ratio_to_another_cell(other):
    ours = row("cordwood", "os", 300, size=100)
    assert Results([other, ours]).ratios(ours) == {}


def test_kafka_is_not_compared_with_itself():
    kafka = row("kafka", "os", 200, size=100)
    assert Results([kafka]).ratios(kafka) == {}


def test_a_value_of_zero_gives_no_ratio():
    ours = row("cordwood", "os", 300, size=100)
    assert Results([row("kafka", "os", 0, size=100), ours]).ratios(ours) == {}


def test_json_holds_the_ratio_beside_the_row():
    results = Results(
        [row("kafka", "os", 100, size=100), row("cordwood", "os", 300, size=100)], missing={"redis": "no"}
    )
    plain = json.loads(json.dumps(results.as_json()))
    assert [one["ratio_to_kafka"] for one in plain["rows"]] == [{}, {"messages_per_s": 3.0}]
    assert plain["missing"] == {"redis": "no"}
