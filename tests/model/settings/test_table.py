"""The judgement of whole sets of values: all mistakes at once."""

from __future__ import annotations

import pytest

from cordwood.model.errors import InvalidConfig
from cordwood.model.settings.table import (
    BROKER,
    BROKER_ALIASES,
    TOPIC,
    check_broker_configs,
    check_topic_configs,
    mistakes,
    suggestion,
)


def test_tables_are_found_by_name():
    assert BROKER["log.segment.bytes"].name == "log.segment.bytes"
    assert TOPIC["segment.bytes"].sources[0].name == "log.segment.bytes"
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


def test_a_topic_gets_an_error_that_names_every_mistake():
    with pytest.raises(InvalidConfig, match=r"retention\.ms.*; .*nonsense"):
        check_topic_configs({"retention.ms": "soon", "nonsense": "1"})


def test_settings_that_contradict_each_other_are_refused():
    check_topic_configs({"min.compaction.lag.ms": "5", "max.compaction.lag.ms": "5"})
    with pytest.raises(InvalidConfig, match="is more than"):
        check_topic_configs({"min.compaction.lag.ms": "6", "max.compaction.lag.ms": "5"})


def test_tiered_storage_is_not_promised():
    check_topic_configs({"remote.storage.enable": "false"})
    with pytest.raises(InvalidConfig, match="no tiered storage"):
        check_topic_configs({"remote.storage.enable": "True"})


def test_a_broker_cannot_be_given_everything_while_it_runs():
    check_broker_configs({"log.segment.bytes": "1048576"})
    with pytest.raises(InvalidConfig, match=r"log\.dirs: cannot be changed while brokers run"):
        check_broker_configs({"log.dirs": "/elsewhere"})
    with pytest.raises(InvalidConfig, match="no such setting"):
        check_broker_configs({"nonsense": "1"})


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
