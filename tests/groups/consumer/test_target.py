"""Targets: the vote for an assignor, and the records of what differs."""

from __future__ import annotations

from cordwood.groups.consumer import records
from cordwood.groups.consumer.draft import Draft
from cordwood.groups.consumer.group import ConsumerGroup
from cordwood.groups.consumer.member import Member, MemberMetadata
from cordwood.groups.consumer.target import compute, preferred_assignor
from cordwood.groups.settings import GroupSettings
from tests.groups.topics import FakeTopics


def group_voting(*votes):
    group = ConsumerGroup("g")
    for number, vote in enumerate(votes):
        group.put_member(Member(f"m{number}", MemberMetadata(topics=frozenset({"t"}), assignor=vote)))
    return group


def test_the_most_votes_decide():
    settings = GroupSettings()
    assert preferred_assignor(group_voting(None, None), settings) == "uniform"
    assert preferred_assignor(group_voting("range", None), settings) == "range"
    assert preferred_assignor(group_voting("range", "uniform"), settings) == "uniform"
    assert preferred_assignor(group_voting("range", "range", "uniform"), settings) == "range"
    assert preferred_assignor(group_voting("gone", "gone", "range"), settings) == "range"
    assert preferred_assignor(group_voting(None), GroupSettings(consumer_assignors=("range",))) == "range"


def test_only_what_differs_is_recorded():
    topics = FakeTopics(t=2)
    group = group_voting(None, None)
    group.epoch = 3
    draft = Draft({"g": group}, "g")
    compute(draft, topics, GroupSettings())
    made = draft.result().records
    assert {record.member_id for record in made if isinstance(record, records.TargetStored)} == {"m0", "m1"}
    assert len(made) == 3
    assert made[-1] == records.TargetEpochStored("g", 3)
    again = Draft({"g": draft.group}, "g")
    compute(again, topics, GroupSettings())
    assert again.result().records == (records.TargetEpochStored("g", 3),)


def test_a_member_without_topics_has_an_empty_target():
    group = ConsumerGroup("g")
    group.put_member(Member("m"))
    draft = Draft({"g": group}, "g")
    compute(draft, FakeTopics(t=1), GroupSettings())
    assert draft.group.targets == {"m": frozenset()}
