"""The tables by name, and what is wrong with single values."""

from __future__ import annotations

import pytest

from cordwood.model.settings.setting import NO_EFFECT
from cordwood.model.settings.table import (
    BROKER,
    BROKER_ALIASES,
    CLIENT_METRICS,
    GROUP,
    TOPIC,
    hint,
    mistakes,
    suggestion,
)


def test_tables_are_found_by_name():
    assert BROKER["log.segment.bytes"].name == "log.segment.bytes"
    assert TOPIC["segment.bytes"].sources[0].name == "log.segment.bytes"
    assert GROUP["consumer.session.timeout.ms"].sources[0].name == "group.consumer.session.timeout.ms"
    assert list(CLIENT_METRICS) == ["metrics", "interval.ms", "match"]
    assert BROKER_ALIASES["broker.id"] == "node.id"
    assert BROKER_ALIASES["flush.policy"] == "log.flush.policy"


def test_no_mistakes_are_found_where_there_are_none():
    assert mistakes(TOPIC, {"retention.ms": "-1", "cleanup.policy": "compact,delete"}) == []


def test_every_mistake_is_reported():
    found = mistakes(TOPIC, {"retention.ms": "soon", "segment.bytes": "1048576", "segmnt.ms": "1", "flush.ms": "-1"})
    assert len(found) == 3
    assert "retention.ms = 'soon'" in found[0]
    assert "did you mean segment.ms?" in found[1]
    assert "flush.ms" in found[2]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("retention.m", " (did you mean retention.ms?)"),
        ("retention_ms", " (did you mean retention.ms?)"),
        ("flush.polciy", " (did you mean flush.policy?)"),
        ("entirely.different", ""),
        ("", ""),
    ],
)
def test_a_near_name_is_suggested(name, words):
    assert suggestion(name, TOPIC) == words


@pytest.mark.parametrize("table", [BROKER, TOPIC, GROUP, CLIENT_METRICS], ids=["broker", "topic", "group", "metrics"])
def test_every_row_says_whether_it_has_an_effect(table):
    for row in table.values():
        assert row.acted_on is not row.document.startswith(NO_EFFECT), row.name
        assert row.document.endswith("."), row.name


@pytest.mark.parametrize(
    ("table", "name", "words"),
    [
        (BROKER, "retention.ms", "topics have it; brokers call it log.retention.ms"),
        (BROKER, "consumer.session.timeout.ms", "groups have it; brokers call it group.consumer.session.timeout.ms"),
        (TOPIC, "log.retention.ms", "it is a broker's"),
        (GROUP, "consumer.session.timeout.m", "did you mean consumer.session.timeout.ms?"),
        (CLIENT_METRICS, "nonsense", ""),
    ],
)
def test_a_hint_leads_to_the_right_table(table, name, words):
    assert hint(name, table) == words
