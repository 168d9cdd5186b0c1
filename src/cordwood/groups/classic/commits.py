"""Who may commit offsets for a classic group, and of which topics they may be deleted.

Lives here: those checks. Must not live here: offsets.
"""

from __future__ import annotations

from cordwood.groups.classic.draft import session_key
from cordwood.groups.classic.group import ClassicGroup
from cordwood.groups.classic.transitions import State
from cordwood.groups.embedded import PROTOCOL_TYPE
from cordwood.model.decision import Timer
from cordwood.model.group_errors import IllegalGeneration, NonEmptyGroup, RebalanceInProgress, UnknownMember


def check_commit(
    group: ClassicGroup, member_id: str, instance_id: str | None, generation: int, *, transactional: bool = False
) -> tuple[Timer, ...]:
    """The timers that the commit sets: it keeps a member's session as a heartbeat does.

    A commit without a generation comes from whoever is no member of any group (a simple consumer, an operator): it is
    for an empty group. Transactions may commit without being members, and in every state.
    Raises UnknownMember, FencedInstance, IllegalGeneration and RebalanceInProgress.
    """
    if generation < 0 and group.is_empty:
        return ()
    if generation < 0 and not member_id and instance_id is None:
        if transactional:
            return ()
        raise UnknownMember(group.group, member_id)
    member = group.member(member_id, instance_id)
    if generation != group.generation:
        raise IllegalGeneration(group.group, group.generation, generation)
    if transactional:
        return ()
    if group.state is State.COMPLETING_REBALANCE:
        # The member has joined this generation and does not know its assignment yet: what it commits was another's.
        raise RebalanceInProgress(group.group)
    return (Timer(session_key(group.group, member_id), member.session_timeout_ms),)


def check_offset_removal(group: ClassicGroup) -> None:
    """Whether offsets may be deleted while the group has members. Raises NonEmptyGroup.

    Only of consumers can be told to which topics they are subscribed.
    """
    if not group.is_empty and group.protocol_type != PROTOCOL_TYPE:
        raise NonEmptyGroup(group.group)


def is_subscribed(group: ClassicGroup, topic: str) -> bool | None:
    """Whether members consume the topic; None in a group that is not of consumers.

    Consumers whose subscriptions cannot be read are taken to consume everything.
    """
    if group.protocol_type != PROTOCOL_TYPE:
        return None
    topics = group.topics()
    return topics is None or topic in topics
