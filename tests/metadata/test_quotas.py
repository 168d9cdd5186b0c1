"""Quotas are set, taken away, refused and found as Kafka's controller does it."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cordwood.metadata import EMPTY, EntityPart, Image, replay_all
from cordwood.metadata.quotas import (
    CLIENT_QUOTAS,
    CONNECTION_CREATION_RATE,
    PRODUCER_BYTE_RATE,
    REQUEST_PERCENTAGE,
    Component,
    Match,
    QuotaAlteration,
    QuotaChange,
    alter,
    describe,
    entity_of,
)
from cordwood.model.errors import InvalidRequest, PolicyViolation, UnsupportedVersion
from tests.metadata.cluster_of import after

ALICE = (EntityPart("user", "alice"),)
ANYBODY = (EntityPart("user", None),)
ALICES_CLIENT = (EntityPart("client-id", "c"), EntityPart("user", "alice"))
ADDRESS = (EntityPart("ip", "10.0.0.1"),)


def wish(entity: tuple[EntityPart, ...], **quotas: float | None) -> QuotaAlteration:
    return QuotaAlteration(entity, tuple(QuotaChange(key, value) for key, value in quotas.items()))


def changed(image: Image, *wanted: QuotaAlteration) -> Image:
    result = alter(image, wanted)
    assert [item.error for item in result.reply] == [None] * len(wanted)
    return after(image, result)


SOME = changed(
    EMPTY,
    wish(ALICE, producer_byte_rate=1000, request_percentage=12.5),
    wish(ANYBODY, producer_byte_rate=500),
    wish(tuple(reversed(ALICES_CLIENT)), consumer_byte_rate=9),
    wish(ADDRESS, connection_creation_rate=5),
)


def test_quotas_are_set_and_taken_away():
    assert SOME.quotas[ALICE] == {PRODUCER_BYTE_RATE: 1000, REQUEST_PERCENTAGE: 12.5}
    assert SOME.quotas[ALICES_CLIENT] == {"consumer_byte_rate": 9}
    image = changed(SOME, wish(ALICE, producer_byte_rate=None, consumer_byte_rate=None, request_percentage=1))
    assert image.quotas[ALICE] == {REQUEST_PERCENTAGE: 1}
    assert ALICE not in changed(image, wish(ALICE, request_percentage=None)).quotas


def test_what_stays_as_it_is_needs_no_record():
    assert not alter(SOME, [wish(ALICE, producer_byte_rate=1000, consumer_byte_rate=None)]).records


def test_what_is_only_judged_changes_nothing():
    result = alter(SOME, [wish(ALICE, producer_byte_rate=1), wish(ALICE[:0])], validate_only=True)
    assert not result.records
    assert [type(item.error) for item in result.reply] == [type(None), InvalidRequest]


@pytest.mark.parametrize(
    ("entity", "quotas", "words"),
    [
        ((), {PRODUCER_BYTE_RATE: 1}, "empty client quota entity"),
        ((EntityPart("group", "g"),), {PRODUCER_BYTE_RATE: 1}, "Unhandled client quota entity type: group"),
        ((*ALICE, *ANYBODY), {PRODUCER_BYTE_RATE: 1}, "duplicate entity entry user"),
        ((EntityPart("user", ""),), {PRODUCER_BYTE_RATE: 1}, "Empty user not supported"),
        ((*ADDRESS, *ALICE), {PRODUCER_BYTE_RATE: 1}, "an ip stands alone"),
        ((EntityPart("ip", "no host"),), {CONNECTION_CREATION_RATE: 1}, "no host is not a valid IP or resolvable"),
        (ALICE, {CONNECTION_CREATION_RATE: 1}, "Invalid configuration key connection_creation_rate"),
        (ADDRESS, {PRODUCER_BYTE_RATE: 1}, "Invalid configuration key producer_byte_rate"),
        (ALICE, {"nonsense": 1}, "Invalid configuration key nonsense"),
        (ALICE, {PRODUCER_BYTE_RATE: 0}, "must be greater than 0"),
        (ALICE, {REQUEST_PERCENTAGE: -1}, "must be greater than 0"),
        (ALICE, {REQUEST_PERCENTAGE: math.nan}, "must be a finite number"),
        (ALICE, {PRODUCER_BYTE_RATE: math.inf}, "must be a finite number"),
        (ALICE, {PRODUCER_BYTE_RATE: 1.5}, "cannot be a fractional value"),
        (ADDRESS, {CONNECTION_CREATION_RATE: 2.0**31}, "too large"),
        (ALICE, {PRODUCER_BYTE_RATE: 1e19}, "too large"),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(entity, quotas, words):
    item = wish(entity, consumer_byte_rate=None, **quotas)
    good = wish((EntityPart("client-id", "good"),), producer_byte_rate=7)
    result = alter(SOME, [item, good], unknown_hosts={"no host"})
    error = result.reply[0].error
    assert isinstance(error, InvalidRequest)
    assert words in str(error)
    assert result.reply[0].entity == entity
    assert result.reply[1].error is None
    assert len(result.records) == 1, "the others are carried out"


def test_an_entity_and_a_key_are_named_once():
    twice = alter(SOME, [wish(ALICES_CLIENT, producer_byte_rate=1), wish(ALICES_CLIENT[::-1], consumer_byte_rate=2)])
    assert all("names an entity twice" in str(item.error) for item in twice.reply)
    keys = QuotaAlteration(ALICE, (QuotaChange(PRODUCER_BYTE_RATE, 1), QuotaChange(PRODUCER_BYTE_RATE, None)))
    (reply,) = alter(SOME, [keys]).reply
    assert "Duplicate quota key producer_byte_rate" in str(reply.error)


def test_so_many_entities_can_have_quotas_and_no_more(monkeypatch):
    monkeypatch.setattr("cordwood.metadata.quotas.QUOTA_ENTITIES_LIMIT", len(SOME.quotas) + 1)
    more = [wish((EntityPart("user", f"user {number}"),), producer_byte_rate=1) for number in range(2)]
    result = alter(SOME, [wish(ALICE, producer_byte_rate=7), *more])
    assert [type(item.error) for item in result.reply] == [type(None), type(None), PolicyViolation]
    assert len(result.records) == 2


@pytest.mark.parametrize(
    ("components", "strict", "found"),
    [
        ((), False, [ALICE, ANYBODY, ALICES_CLIENT, ADDRESS]),
        ((), True, []),
        ((Component("user", Match.EXACT, "alice"),), False, [ALICE, ALICES_CLIENT]),
        ((Component("user", Match.EXACT, "alice"),), True, [ALICE]),
        ((Component("user", Match.DEFAULT, None),), False, [ANYBODY]),
        ((Component("user", Match.SPECIFIED, None),), True, [ALICE, ANYBODY]),
        ((Component("user", Match.SPECIFIED, None), Component("client-id", Match.EXACT, "c")), True, [ALICES_CLIENT]),
        ((Component("client-id", Match.SPECIFIED, None),), False, [ALICES_CLIENT]),
        ((Component("ip", Match.EXACT, "10.0.0.1"),), True, [ADDRESS]),
        ((Component("ip", Match.DEFAULT, None),), True, []),
    ],
)
def test_quotas_are_found(components, strict, found):
    assert list(describe(SOME, components, strict)) == found


@pytest.mark.parametrize(
    ("components", "error", "words"),
    [
        ([Component("", 0, "x")], InvalidRequest, "empty entity type"),
        ([Component("group", 0, "x")], UnsupportedVersion, "Unsupported entity type group"),
        ([Component("user", 0, "x"), Component("user", 2, None)], InvalidRequest, "more than once"),
        ([Component("user", 0, None)], InvalidRequest, "only EXACT has a name"),
        ([Component("user", 1, "x")], InvalidRequest, "only EXACT has a name"),
        ([Component("user", 2, "x")], InvalidRequest, "only EXACT has a name"),
        ([Component("user", 3, None)], InvalidRequest, "Unknown match type 3"),
        ([Component("user", 2, None), Component("ip", 2, None)], InvalidRequest, "should not be used with user"),
    ],
)
def test_a_filter_that_makes_no_sense_is_refused(components, error, words):
    with pytest.raises(error, match=words):
        describe(SOME, components, False)


NAMES = st.none() | st.sampled_from(["a", "b"])
ENTITIES = st.dictionaries(st.sampled_from(["user", "client-id"]), NAMES, min_size=1).map(
    lambda names: tuple(EntityPart(kind, name) for kind, name in names.items())
)
WISHES = st.builds(
    lambda entity, quotas: wish(entity, **quotas),
    ENTITIES,
    st.dictionaries(st.sampled_from(list(CLIENT_QUOTAS)), st.none() | st.integers(1, 9), max_size=3),
)


@settings(max_examples=60)
@given(st.lists(WISHES, max_size=8))
def test_any_history_is_what_a_dict_of_dicts_says(wishes):
    image, model, written = EMPTY, {}, []
    for item in wishes:
        result = alter(image, [item])
        written += result.records
        image = after(image, result)
        quotas = model.setdefault(entity_of(item.entity), {})
        quotas.update({change.key: change.value for change in item.changes})
    wanted = {
        entity: {key: value for key, value in quotas.items() if value is not None} for entity, quotas in model.items()
    }
    assert image.quotas == {entity: quotas for entity, quotas in wanted.items() if quotas}
    assert replay_all(EMPTY, written) == image
