"""Which value wins, and the story of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordwood.model.settings.resolution import (
    Layers,
    Source,
    broker_value,
    describe_broker,
    describe_client_metrics,
    describe_group,
    describe_topic,
    group_number,
    inherited_value,
    topic_value,
    topic_values,
)
from cordwood.model.settings.table import BROKER, TOPIC

NOTHING = Layers()


def only(entries):
    (entry,) = entries
    return entry


def test_a_default_is_told_as_one():
    entry = only(describe_topic({}, NOTHING, ["segment.ms"]))
    assert (entry.value, entry.source, entry.is_default, entry.read_only) == ("604800000", Source.DEFAULT, True, False)
    assert [(synonym.name, synonym.value, synonym.source) for synonym in entry.synonyms] == [
        ("log.roll.hours", "168", Source.DEFAULT)
    ]


def test_a_setting_without_a_broker_behind_it_has_a_default_of_its_own():
    entry = only(describe_topic({}, NOTHING, ["remote.storage.enable"]))
    assert (entry.value, entry.source, entry.synonyms) == ("false", Source.DEFAULT, ())
    entry = only(describe_group({}, NOTHING, ["share.isolation.level"]))
    assert [(synonym.name, synonym.value) for synonym in entry.synonyms] == [
        ("share.isolation.level", "read_uncommitted")
    ]


@pytest.mark.parametrize(
    ("overrides", "layers", "value", "source"),
    [
        ({}, NOTHING, 604_800_000, Source.DEFAULT),
        ({}, Layers(static={"log.roll.hours": "1"}), 3_600_000, Source.STATIC_BROKER),
        ({}, Layers(static={"log.roll.hours": "1", "log.roll.ms": "5"}), 5, Source.STATIC_BROKER),
        ({}, Layers({"log.roll.ms": "5"}, {"log.roll.ms": "6"}), 6, Source.DYNAMIC_DEFAULT_BROKER),
        ({}, Layers({"log.roll.ms": "5"}, {"log.roll.ms": "6"}, {"log.roll.ms": "7"}), 7, Source.DYNAMIC_BROKER),
        ({"segment.ms": "8"}, Layers({"log.roll.ms": "5"}, {}, {"log.roll.ms": "7"}), 8, Source.TOPIC),
    ],
)
def test_the_strongest_layer_wins(overrides, layers, value, source):
    assert topic_value("segment.ms", overrides, layers) == value
    entry = only(describe_topic(overrides, layers, ["segment.ms"]))
    assert (entry.value, entry.source) == (str(value), source)
    assert entry.is_default == (source is Source.DEFAULT)


def test_every_layer_is_in_the_story():
    layers = Layers(static={"log.retention.hours": "1"}, broker={"log.retention.ms": "9"})
    entry = only(describe_topic({"retention.ms": "7"}, layers, ["retention.ms"]))
    assert [(synonym.name, synonym.value, synonym.source) for synonym in entry.synonyms] == [
        ("retention.ms", "7", Source.TOPIC),
        ("log.retention.ms", "9", Source.DYNAMIC_BROKER),
        ("log.retention.hours", "1", Source.STATIC_BROKER),
        ("log.retention.hours", "168", Source.DEFAULT),
    ]


def test_never_is_never_in_any_unit():
    assert topic_value("retention.ms", {}, Layers(static={"log.retention.hours": "-1"})) == -1


def test_a_broker_has_its_values_by_the_same_order():
    layers = Layers(static={"message.max.bytes": "1"}, default_broker={"message.max.bytes": "2"})
    assert broker_value("message.max.bytes", layers) == 2
    entry = only(describe_broker(layers, ["message.max.bytes"]))
    assert (entry.value, entry.source, entry.read_only) == ("2", Source.DYNAMIC_DEFAULT_BROKER, False)
    assert [synonym.source for synonym in entry.synonyms] == [
        Source.DYNAMIC_DEFAULT_BROKER,
        Source.STATIC_BROKER,
        Source.DEFAULT,
    ]


def test_what_only_a_restart_changes_is_read_only():
    entry = only(describe_broker(NOTHING, ["log.dirs"]))
    assert (entry.value, entry.read_only, entry.synonyms) == (None, True, ())


def test_a_secret_stays_secret():
    entry = only(describe_broker(Layers(static={"ssl.key.password": "hunter2"}), ["ssl.key.password"]))
    assert entry.sensitive
    assert "hunter2" not in repr(entry)
    assert entry.source is Source.STATIC_BROKER


def test_all_or_the_named():
    assert [entry.name for entry in describe_topic({}, NOTHING)] == list(TOPIC)
    assert [entry.name for entry in describe_broker(NOTHING)] == list(BROKER)
    assert describe_topic({}, NOTHING, ["nonsense"]) == []


def test_all_values_at_once():
    values = topic_values({"flush.policy": "os"}, NOTHING)
    assert values.keys() == TOPIC.keys()
    assert values["flush.policy"] == "os"
    assert values["cleanup.policy"] == ("delete",)


LAYER = st.dictionaries(st.sampled_from(["log.roll.ms", "log.roll.hours"]), st.integers(1, 1000).map(str))


@given(st.dictionaries(st.just("segment.ms"), st.integers(1, 1000).map(str)), LAYER, LAYER, LAYER)
def test_the_value_is_the_first_of_its_story(topic, static, default, broker):
    layers = Layers(static, default, broker)
    entry = only(describe_topic(topic, layers, ["segment.ms"]))
    first = entry.synonyms[0]
    factor = 3_600_000 if first.name == "log.roll.hours" else 1
    assert int(entry.value) == int(first.value) * factor == topic_value("segment.ms", topic, layers)
    assert entry.source is first.source


@pytest.mark.parametrize(
    ("name", "static", "value", "synonyms"),
    [
        ("log.retention.ms", {}, None, []),
        ("log.retention.hours", {}, "168", [("log.retention.hours", "168", Source.DEFAULT)]),
        (
            "log.retention.ms",
            {"log.retention.hours": "3", "log.retention.ms": "5"},
            "5",
            [
                ("log.retention.ms", "5", Source.STATIC_BROKER),
                ("log.retention.hours", "3", Source.STATIC_BROKER),
                ("log.retention.hours", "168", Source.DEFAULT),
            ],
        ),
        (
            "log.retention.hours",
            {"log.retention.hours": "3", "log.retention.ms": "5"},
            "3",
            [("log.retention.hours", "3", Source.STATIC_BROKER), ("log.retention.hours", "168", Source.DEFAULT)],
        ),
    ],
)
def test_a_broker_tells_all_names_for_one_thing(name, static, value, synonyms):
    entry = only(describe_broker(Layers(static), [name]))
    assert entry.value == value
    assert [(one.name, one.value, one.source) for one in entry.synonyms] == synonyms


def test_a_group_has_its_own_settings_over_those_of_brokers():
    static = Layers({"group.consumer.session.timeout.ms": "46000"})
    entry = only(describe_group({"consumer.session.timeout.ms": "50000"}, static, ["consumer.session.timeout.ms"]))
    assert (entry.value, entry.source, entry.read_only) == ("50000", Source.GROUP, False)
    assert [synonym.source for synonym in entry.synonyms] == [Source.GROUP, Source.STATIC_BROKER, Source.DEFAULT]
    assert only(describe_group({}, static, ["consumer.session.timeout.ms"])).value == "46000"
    assert group_number("consumer.session.timeout.ms", {}, static) == 46_000


@given(st.integers(1, (1 << 31) - 1), st.integers(1, 100_000), st.integers(1, 100_000))
def test_a_groups_number_is_kept_within_the_bounds_of_the_broker(wanted, one, other):
    low, high = sorted((one, other))
    static = {"group.consumer.min.session.timeout.ms": str(low), "group.consumer.max.session.timeout.ms": str(high)}
    overrides = {"consumer.session.timeout.ms": str(wanted)}
    found = group_number("consumer.session.timeout.ms", overrides, Layers(static))
    assert low <= found <= high
    assert found == wanted or found in (low, high)


def test_a_subscription_has_its_own_settings_or_the_defaults():
    entries = {entry.name: (entry.value, entry.source) for entry in describe_client_metrics({"metrics": "*"})}
    assert entries == {
        "metrics": ("*", Source.CLIENT_METRICS),
        "interval.ms": ("300000", Source.DEFAULT),
        "match": ("", Source.DEFAULT),
    }


@pytest.mark.parametrize(
    ("table", "name", "layers", "value"),
    [
        (TOPIC, "cleanup.policy", Layers({"log.cleanup.policy": "compact"}), ("compact",)),
        (TOPIC, "cleanup.policy", Layers({}, {"log.cleanup.policy": "compact"}), ("delete",)),
        (BROKER, "log.cleanup.policy", Layers({"log.cleanup.policy": "compact"}), ("compact",)),
        (BROKER, "log.cleanup.policy", NOTHING, ("delete",)),
    ],
)
def test_what_is_inherited_is_what_brokers_were_started_with(table, name, layers, value):
    assert inherited_value(table[name], layers) == value
