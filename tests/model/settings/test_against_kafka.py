"""The table says of each of Kafka's settings what Kafka 4.3 says, or says in its document where it is otherwise.

The facts are in tests/golden/settings/kafka-4.3.0.tsv: names, kinds, defaults, ranges, words and ways to change of the
public settings that the ConfigDefs of Apache Kafka 4.3.0 hold (AbstractKafkaConfig, LogConfig, GroupConfig,
ClientMetricsConfigs), and whether DynamicBrokerConfig lets them be changed while brokers run.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Final

import pytest

from cordwood.model.settings import BROKER, CLIENT_METRICS, GROUP, TOPIC, Setting

FILE: Final = Path(__file__).parents[2] / "golden" / "settings" / "kafka-4.3.0.tsv"

with FILE.open(encoding="utf-8", newline="") as _file:
    FACTS: Final = tuple(csv.DictReader(_file, delimiter="\t"))

TABLES: Final = {"BROKER": BROKER, "TOPIC": TOPIC, "GROUP": GROUP, "CLIENT_METRICS": CLIENT_METRICS}

ONLY_WHILE_RUNNING: Final = (
    "follower.replication.throttled.rate",
    "leader.replication.throttled.rate",
    "replica.alter.log.dirs.io.max.bytes.per.second",
)
"""Settings that Kafka's brokers can be given, and not be started with."""


def setting_of(fact: dict[str, str]) -> Setting:
    return TABLES[fact["scope"]][fact["name"]]


def number_of(text: str) -> float | None:
    return float(text) if text else None


def is_narrower(setting: Setting, fact: dict[str, str]) -> bool:
    """Whether somebody may have a value in Kafka, and mean something by it, that is refused here."""
    low, high = number_of(fact["low"]), number_of(fact["high"])
    nonsense_below = 1 if low is None or low < 1 else low
    is_raised = setting.low is not None and setting.low > nonsense_below
    is_lowered = setting.high is not None and (high is None or setting.high < high)
    return is_raised or is_lowered or set(setting.choices) < set(filter(None, fact["choices"].split(",")))


def is_wider(setting: Setting, fact: dict[str, str]) -> bool:
    """Whether something is taken here that Kafka refuses."""
    low, high = number_of(fact["low"]), number_of(fact["high"])
    is_lowered = low is not None and (setting.low is None or setting.low < low)
    is_raised = high is not None and (setting.high is None or setting.high > high)
    return is_lowered or is_raised or bool(fact["choices"] and not setting.choices)


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: f"{fact['scope']}-{fact['name']}")
def test_a_setting_is_as_in_kafka_or_says_that_it_is_not(fact):
    setting = setting_of(fact)
    assert setting.kind.name == fact["kind"]
    differences = []
    if (setting.render(setting.default) or "-") != (fact["default"] or "-"):
        differences.append("default")
    if is_narrower(setting, fact) or is_wider(setting, fact):
        differences.append("range")
    if fact["scope"] == "BROKER" and setting.dynamic != bool(fact["update"]):
        differences.append("dynamic")
    assert not differences or "Kafka" in setting.document, differences
    assert setting.also == (tuple(map(int, fact["also"].split(","))) if fact["also"] else ())


@pytest.mark.parametrize("fact", [fact for fact in FACTS if fact["scope"] == "BROKER"], ids=lambda fact: fact["name"])
def test_what_changes_for_one_broker_or_listener_does_so_in_kafka(fact):
    setting = setting_of(fact)
    if setting.dynamic:
        assert setting.per_listener is (fact["update"] == "per-listener")
        assert setting.per_broker is (fact["update"] == "per-broker")


@pytest.mark.parametrize("fact", [fact for fact in FACTS if fact["scope"] == "GROUP"], ids=lambda fact: fact["name"])
def test_groups_have_their_defaults_from_the_same_settings(fact):
    assert [source.name for source in setting_of(fact).sources] == ([fact["synonym"]] if fact["synonym"] else [])


def test_the_other_settings_say_what_they_are():
    known = {fact["name"] for fact in FACTS} | set(ONLY_WHILE_RUNNING)
    for table in TABLES.values():
        for name, setting in table.items():
            if name not in known:
                assert "Cordwood's own" in setting.document or "Kafka 4 has dropped it" in setting.document, name
