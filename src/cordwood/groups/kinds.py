"""What a shard asks of a group without caring for its protocol.

Lives here: one function for each question, with the answers of both kinds side by side. Must not live here: the answers
themselves, which belong to `classic` and `consumer`.
"""

from __future__ import annotations

from typing import Final, TypeAlias

from cordwood.groups.classic import commits, lifecycle, views
from cordwood.groups.classic.group import ClassicGroup
from cordwood.groups.classic.transitions import State
from cordwood.groups.classic.views import GroupDescription, GroupListing
from cordwood.groups.consumer import describe as consumer_views
from cordwood.groups.consumer import expiry, offset_checks, subscription
from cordwood.groups.consumer.describe import GroupView
from cordwood.groups.consumer.group import ConsumerGroup
from cordwood.groups.consumer.removal import group_removal
from cordwood.groups.consumer.states import state_of
from cordwood.groups.embedded import PROTOCOL_TYPE
from cordwood.groups.turn import Turn
from cordwood.model.decision import Result, Timer

Group: TypeAlias = ClassicGroup | ConsumerGroup

CONSUMER: Final = "consumer"
"""The type of groups of the consumer protocol in ListGroups, and what Kafka says of their protocol type."""

FROM_COMMIT: Final = -1
"""The retention time of an offset counts from its commit."""


def name_of(group: Group) -> str:
    """Its name."""
    return group.group if isinstance(group, ClassicGroup) else group.name


def is_empty(group: Group) -> bool:
    """Whether it has no members."""
    return group.is_empty if isinstance(group, ClassicGroup) else not group.members


def member_count(group: Group) -> int:
    """How many members it has."""
    return len(group.members)


def listing(group: Group) -> GroupListing:
    """The group in a list."""
    if isinstance(group, ClassicGroup):
        return views.listing(group)
    return GroupListing(group.name, CONSUMER, state_of(group).value, CONSUMER)


def describe_classic(group: Group | None) -> GroupDescription | None:
    """The description of a group of the classic protocol; None for any other."""
    return views.describe(group) if isinstance(group, ClassicGroup) else None


def describe_consumer(group: Group | None, turn: Turn) -> GroupView | None:
    """The description of a group of the consumer protocol; None for any other."""
    return consumer_views.describe(group, turn.topics, turn.settings) if isinstance(group, ConsumerGroup) else None


def loaded(group: Group, turn: Turn) -> Result:
    """What a restart asks for."""
    return lifecycle.loaded(group, turn) if isinstance(group, ClassicGroup) else expiry.loaded(group, turn)


def removal(group: Group) -> Result:
    """Takes away all that is stored of a group but its offsets."""
    return lifecycle.removal(group) if isinstance(group, ClassicGroup) else Result(group_removal(group))


# Offsets.


def check_commit(
    group: Group, member_id: str, instance_id: str | None, generation: int, *, transactional: bool
) -> tuple[Timer, ...]:
    """The timers that a commit sets. Raises what the protocol says of a member that may not commit."""
    if isinstance(group, ClassicGroup):
        return commits.check_commit(group, member_id, instance_id, generation, transactional=transactional)
    offset_checks.check_commit(group, member_id, instance_id, generation, transactional=transactional)
    return ()


def check_fetch(group: Group, member_id: str | None, member_epoch: int) -> None:
    """Raises what the protocol says of a member that may not read offsets."""
    if isinstance(group, ConsumerGroup):
        offset_checks.check_fetch(group, member_id, member_epoch)


def check_delete_offsets(group: Group) -> None:
    """Raises NonEmptyGroup where members could be reading what nobody can tell."""
    if isinstance(group, ClassicGroup):
        commits.check_offset_removal(group)


def is_subscribed(group: Group, topic: str) -> bool:
    """Whether members consume the topic, as far as can be told."""
    if isinstance(group, ClassicGroup):
        return bool(commits.is_subscribed(group, topic))
    return subscription.is_subscribed(group, topic)


def expiry_start(group: Group) -> int | None:
    """From when the retention time of the group's offsets counts: a time, or FROM_COMMIT; None if they do not expire."""
    if isinstance(group, ConsumerGroup) or group.protocol_type is None:
        return FROM_COMMIT
    if group.is_empty:
        return group.state_timestamp_ms  # -1, where an old record does not say, is FROM_COMMIT.
    if group.state is State.STABLE and group.protocol_type == PROTOCOL_TYPE and group.topics() is not None:
        return FROM_COMMIT
    return None
