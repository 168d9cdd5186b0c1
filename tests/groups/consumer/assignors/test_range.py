"""The range assignor agrees with what Kafka publishes of its own."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cordwood.groups.consumer.assignors.contract import Subscriber
from cordwood.groups.consumer.assignors.range import assign
from cordwood.model.ids import TopicId
from tests.groups.consumer.assignors.test_contract import COUNTS, MEMBERS

T0, T1, T2 = (TopicId(bytes([number]) * 16) for number in range(3))


def p(topic, *indexes):
    return frozenset((topic, index) for index in indexes)


def test_the_example_of_kafkas_documentation():
    members = {"C0": Subscriber(frozenset({T0, T1})), "C1": Subscriber(frozenset({T0, T1}))}
    assert assign(members, {T0: 3, T1: 3}) == {"C0": p(T0, 0, 1) | p(T1, 0, 1), "C1": p(T0, 2) | p(T1, 2)}


def test_members_with_different_subscriptions():
    members = {
        "A": Subscriber(frozenset({T0, T1})),
        "B": Subscriber(frozenset({T2})),
        "C": Subscriber(frozenset({T1, T2})),
    }
    assert assign(members, {T0: 3, T1: 3, T2: 2}) == {
        "A": p(T0, 0, 1, 2) | p(T1, 0, 1),
        "B": p(T2, 0),
        "C": p(T1, 2) | p(T2, 1),
    }


def test_more_members_than_partitions():
    members = {name: Subscriber(frozenset({T0, T1})) for name in "ABCD"}
    assert assign(members, {T0: 3, T1: 2}) == {
        "A": p(T0, 0) | p(T1, 0), "B": p(T0, 1) | p(T1, 1), "C": p(T0, 2), "D": frozenset(),
    }  # fmt: skip


def test_static_members_come_first_whatever_their_member_id():
    both = frozenset({T0})
    before = {"z1": Subscriber(both, instance_id="b"), "z2": Subscriber(both, instance_id="a"), "a": Subscriber(both)}
    after = {"x9": Subscriber(both, instance_id="b"), "z2": before["z2"], "a": before["a"]}
    assert assign(before, {T0: 4}) == {"z2": p(T0, 0, 1), "z1": p(T0, 2), "a": p(T0, 3)}
    assert assign(after, {T0: 4})["x9"] == assign(before, {T0: 4})["z1"]


@given(members=MEMBERS, counts=COUNTS)
def test_every_member_gets_one_run_of_each_topic(members, counts):
    given_out = assign(members, counts)
    for topic_id, count in counts.items():
        runs = [sorted(i for t, i in partitions if t == topic_id) for partitions in given_out.values()]
        takers = [run for run, member in zip(runs, members.values(), strict=True) if topic_id in member.topics]
        assert all(run == list(range(run[0], run[0] + len(run))) for run in takers if run)
        assert all(count // len(takers) <= len(run) <= count // len(takers) + 1 for run in takers)


@given(members=MEMBERS, count=st.integers(1, 6))
def test_topics_alike_are_divided_alike(members, count):
    members = {member_id: member._replace(topics=frozenset({T0, T1})) for member_id, member in members.items()}
    for partitions in assign(members, {T0: count, T1: count}).values():
        assert {i for t, i in partitions if t == T0} == {i for t, i in partitions if t == T1}
