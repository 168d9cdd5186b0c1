"""The uniform assignor: balanced, and nobody loses what it could have kept."""

from __future__ import annotations

from collections import Counter
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from cordwood.groups.consumer.assignors.contract import Subscriber
from cordwood.groups.consumer.assignors.uniform import assign
from cordwood.model.ids import TopicId
from tests.groups.consumer.assignors.test_contract import COUNTS, MEMBERS

T0, T1 = (TopicId(bytes([number]) * 16) for number in range(2))


def p(topic, *indexes):
    return frozenset((topic, index) for index in indexes)


def kept(members, given_out):
    return sum(len(member.target & given_out[member_id]) for member_id, member in members.items())


def test_a_newcomer_takes_only_its_share():
    everything = p(T0, 0, 1, 2) | p(T1, 0, 1, 2)
    both = frozenset({T0, T1})
    given_out = assign({"a": Subscriber(both, everything), "b": Subscriber(both)}, {T0: 3, T1: 3})
    assert {name: len(partitions) for name, partitions in given_out.items()} == {"a": 3, "b": 3}


def test_what_a_member_leaves_is_shared_and_nothing_else_moves():
    topics = frozenset({T0})
    members = {"a": Subscriber(topics, p(T0, 0, 3)), "b": Subscriber(topics, p(T0, 1, 4))}
    given_out = assign(members, {T0: 6})
    assert given_out["a"] >= p(T0, 0, 3)
    assert given_out["b"] >= p(T0, 1, 4)


def test_members_with_less_choice_get_what_they_can():
    members = {"a": Subscriber(frozenset({T0})), "b": Subscriber(frozenset({T0, T1}))}
    assert assign(members, {T0: 2, T1: 2}) == {"a": p(T0, 0, 1), "b": p(T1, 0, 1)}


def test_a_target_that_two_had_is_one_members():
    topics = frozenset({T0})
    given_out = assign({"a": Subscriber(topics, p(T0, 0)), "b": Subscriber(topics, p(T0, 0))}, {T0: 1})
    assert given_out == {"a": p(T0, 0), "b": frozenset()}


@given(members=MEMBERS, counts=COUNTS)
def test_alike_subscriptions_are_balanced_within_one(members, counts):
    topics = frozenset(counts)
    given_out = assign({member_id: member._replace(topics=topics) for member_id, member in members.items()}, counts)
    sizes = [len(partitions) for partitions in given_out.values()]
    assert not sizes or max(sizes) - min(sizes) <= 1


@given(members=MEMBERS, counts=COUNTS)
def test_no_single_move_makes_it_better(members, counts):
    given_out = assign(members, counts)
    sizes = {member_id: len(partitions) for member_id, partitions in given_out.items()}
    for giver, taker in product(members, members):
        if sizes[giver] - sizes[taker] > 1:
            assert not [1 for topic_id, _ in given_out[giver] if topic_id in members[taker].topics]


@given(members=MEMBERS, counts=COUNTS)
def test_what_was_assigned_is_assigned_again(members, counts):
    first = assign(members, counts)
    again = {member_id: member._replace(target=first[member_id]) for member_id, member in members.items()}
    assert assign(again, counts) == first


@given(counts=st.integers(1, 5), owners=st.lists(st.sampled_from("abc-"), min_size=5, max_size=5))
def test_as_few_moves_as_possible_when_all_subscribe_alike(counts, owners):
    """Against all assignments there are that are balanced."""
    members = {
        name: Subscriber(frozenset({T0}), p(T0, *(i for i, owner in enumerate(owners) if owner == name)))
        for name in "abc"
    }
    best = 0
    for choice in product("abc", repeat=counts):
        sizes = [Counter(choice)[name] for name in "abc"]
        if max(sizes) - min(sizes) <= 1:
            best = max(best, sum(owner == name for owner, name in zip(owners, choice, strict=False)))
    assert kept(members, assign(members, {T0: counts})) == best
