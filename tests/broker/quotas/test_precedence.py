"""The more is said of a client, the better; those who are named alike share."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cordwood.broker.quotas.precedence import Holder, Limit, Limits
from cordwood.metadata import EntityPart
from cordwood.metadata.quotas import entity_of

USERS = {"this": "alice", "any": None}
CLIENTS = {"this": "c", "any": None}

# Kafka's order (ClientQuotaManager), and who shares the quota with alice's client c.
ORDER = [
    (("this", "this"), Holder("alice", "c")),
    (("this", "any"), Holder("alice", "c")),
    (("this", ""), Holder("alice", "")),
    (("any", "this"), Holder("alice", "c")),
    (("any", "any"), Holder("alice", "c")),
    (("any", ""), Holder("alice", "")),
    (("", "this"), Holder("", "c")),
    (("", "any"), Holder("", "c")),
]


def entity(user: str, client: str) -> tuple[EntityPart, ...]:
    parts = [EntityPart("user", USERS[user])] if user else []
    return entity_of([*parts, *([EntityPart("client-id", CLIENTS[client])] if client else [])])


ALL = {entity(*said): {"rate": float(place)} for place, (said, _) in enumerate(ORDER)}


@pytest.mark.parametrize("place", range(8))
def test_the_first_that_was_set_holds(place):
    left = dict(list(ALL.items())[place:])
    assert Limits(left, "rate").of("alice", "c") == Limit(place, ORDER[place][1])


def test_where_nothing_was_set_nothing_holds():
    assert Limits({}, "rate").of("alice", "c") is None
    assert not Limits({}, "rate")
    assert Limits(ALL, "rate")
    others = {(EntityPart("user", "bob"),): {"rate": 1.0}, (EntityPart("client-id", "d"),): {"rate": 1.0}}
    assert Limits(others, "rate").of("alice", "c") is None
    assert not Limits({(EntityPart("ip", None),): {"other": 1.0}}, "rate")


def test_each_key_has_an_order_of_its_own():
    quotas = {(EntityPart("user", "alice"),): {"other": 1.0}, (EntityPart("user", None),): {"rate": 2.0}}
    assert Limits(quotas, "rate").of("alice", "c") == Limit(2.0, Holder("alice", ""))


@pytest.mark.parametrize(("user", "place"), [("alice", 2), ("bob", 5)])
def test_a_client_without_an_id_is_none_of_a_client_ids(user, place):
    assert Limits(ALL, "rate").of(user, "") == Limit(place, Holder(user, ""))
    only_clients = {key: value for key, value in ALL.items() if key[0].kind == "client-id"}
    assert Limits(only_clients, "rate").of(user, "") is None


def test_everybody_under_a_default_has_a_share_of_his_own():
    limits = Limits({(EntityPart("user", None),): {"rate": 1.0}}, "rate")
    assert limits.of("alice", "c") == limits.of("alice", "d") == Limit(1.0, Holder("alice", ""))
    assert limits.of("bob", "c") == Limit(1.0, Holder("bob", ""))


NAMES = st.sampled_from(["alice", "bob", "c", "d"])


@settings(max_examples=80)
@given(st.sets(st.sampled_from(list(ALL))), NAMES, NAMES)
def test_it_is_the_first_of_all_that_fit(entities, user, client):
    """Against the obvious: every entity is looked at, in Kafka's order."""
    fitting = [
        place
        for place, found in enumerate(ALL)
        if found in entities and all(part.name in (None, user if part.kind == "user" else client) for part in found)
    ]
    limit = Limits({found: ALL[found] for found in entities}, "rate").of(user, client)
    assert (None if limit is None else limit.rate) == (fitting[0] if fitting else None)
