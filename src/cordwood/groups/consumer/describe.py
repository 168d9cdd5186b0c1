"""What can be told of a consumer group: for ConsumerGroupDescribe and for ListGroups.

Lives here: views. Must not live here: their bytes.
"""

from __future__ import annotations

import msgspec

from cordwood.groups.consumer.group import ConsumerGroup
from cordwood.groups.consumer.member import Member
from cordwood.groups.consumer.partitions import NO_PARTITIONS, Partitions, by_topic
from cordwood.groups.consumer.states import state_of
from cordwood.groups.consumer.target import preferred_assignor
from cordwood.groups.settings import GroupSettings
from cordwood.groups.turn import Topics, TopicView


class TopicPartitions(msgspec.Struct, frozen=True):
    """Partitions of one topic, in ascending order."""

    topic: TopicView
    partitions: tuple[int, ...]


class MemberView(msgspec.Struct, frozen=True):
    """A member, what it has and what it is to have; topics that were deleted are left out."""

    member: Member
    topics: tuple[str, ...]
    """Those that it names, sorted."""
    assigned: tuple[TopicPartitions, ...]
    target: tuple[TopicPartitions, ...]


class GroupView(msgspec.Struct, frozen=True):
    """A group and its members."""

    name: str
    state: str
    epoch: int
    target_epoch: int
    assignor: str
    members: tuple[MemberView, ...]


def describe(group: ConsumerGroup, topics: Topics, settings: GroupSettings) -> GroupView:
    """All that ConsumerGroupDescribe tells of a group."""
    return GroupView(
        group.name,
        state_of(group).value,
        group.epoch,
        group.target_epoch,
        preferred_assignor(group, settings),
        tuple(_member_view(group, member, topics) for member in group.members.values()),
    )


def _member_view(group: ConsumerGroup, member: Member, topics: Topics) -> MemberView:
    return MemberView(
        member,
        tuple(sorted(member.metadata.topics)),
        _named(member.assigned, topics),
        _named(group.targets.get(member.id, NO_PARTITIONS), topics),
    )


def _named(partitions: Partitions, topics: Topics) -> tuple[TopicPartitions, ...]:
    found = ((topics.find_id(topic_id), indexes) for topic_id, indexes in by_topic(partitions).items())
    return tuple(TopicPartitions(topic, tuple(indexes)) for topic, indexes in found if topic is not None)
