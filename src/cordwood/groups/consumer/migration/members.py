"""What classic members of a consumer group ask once they have joined: SyncGroup, Heartbeat, LeaveGroup.

Lives here: those decisions. Must not live here: joining (`join`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cordwood.groups.classic.commands import Heartbeat, Leave, Leaving, Sync
from cordwood.groups.classic.replies import LeaveReply, LeftMember, SyncReply
from cordwood.groups.consumer import membership, timers
from cordwood.groups.consumer.draft import Draft
from cordwood.groups.consumer.group import ConsumerGroup
from cordwood.groups.consumer.leaving import fence
from cordwood.groups.consumer.member import ClassicMember, Member, MemberState
from cordwood.groups.consumer.migration.translation import assignment_bytes, subscription_of
from cordwood.groups.consumer.partitions import NO_PARTITIONS
from cordwood.groups.consumer.records import RejoinAwaited
from cordwood.groups.embedded import PROTOCOL_TYPE
from cordwood.groups.turn import Turn
from cordwood.model.decision import Result, answered
from cordwood.model.errors import CordwoodError
from cordwood.model.group_errors import (
    IllegalGeneration,
    InconsistentGroupProtocol,
    RebalanceInProgress,
    UnknownMember,
)


def decide_sync(groups: Mapping[str, Any], command: Sync, turn: Turn) -> Result:
    """Tells a member its assignment. Answered by a SyncReply or an error."""
    draft = Draft(groups, command.group)
    try:
        member, classic = _speaker(draft.group, command.member_id, command.instance_id, command.generation)
        _check_protocol(command, classic)
    except CordwoodError as error:
        return answered(turn.ticket, error)
    if draft.group.epoch > member.epoch and member.state is not MemberState.UNREVOKED_PARTITIONS:
        _await_join(draft, member)
        draft.answer(turn.ticket, RebalanceInProgress(draft.name))
        return draft.result()
    draft.set_timer(timers.timer_key(timers.SYNC, draft.name, member.id), None)
    timers.set_session(draft, member, turn.settings)
    subscription = subscription_of(classic.protocols)
    version = 0 if subscription is None else subscription.version
    assignment = assignment_bytes(member.assigned, version, turn.topics)
    draft.answer(turn.ticket, SyncReply(PROTOCOL_TYPE, classic.protocols[0].name, assignment))
    return draft.result()


def decide_heartbeat(groups: Mapping[str, Any], command: Heartbeat, turn: Turn) -> Result:
    """Keeps a member, and tells it to join again when there is something to give up, to take, or a new epoch."""
    draft = Draft(groups, command.group)
    try:
        member, _ = _speaker(draft.group, command.member_id, command.instance_id, command.generation)
    except CordwoodError as error:
        return answered(turn.ticket, error)
    timers.set_session(draft, member, turn.settings)
    has_to_join = _has_to_join(draft.group, member)
    if has_to_join:
        _await_join(draft, member)
    draft.answer(turn.ticket, RebalanceInProgress(draft.name) if has_to_join else None)
    return draft.result()


def decide_leave(groups: Mapping[str, Any], command: Leave, turn: Turn) -> Result:
    """Takes members out, all at once; what is wrong with some of them is told of each."""
    draft = Draft(groups, command.group)
    found: dict[str, Member] = {}
    told = []
    for leaving in command.members:
        try:
            member = _leaver(draft.group, leaving)
        except CordwoodError as error:
            told.append(LeftMember(leaving.member_id, leaving.instance_id, error))
            continue
        found[member.id] = member
        told.append(LeftMember(leaving.member_id, leaving.instance_id))
    if found:
        fence(draft, found.values(), turn)
    draft.answer(turn.ticket, LeaveReply(tuple(told)))
    return draft.result()


def _speaker(
    group: ConsumerGroup, member_id: str, instance_id: str | None, generation: int
) -> tuple[Member, ClassicMember]:
    """The classic member that speaks. Raises UnknownMember, FencedInstance, IllegalGeneration."""
    member = membership.known_member(group, member_id, instance_id)
    classic = member.metadata.classic
    if classic is None:
        raise UnknownMember(group.name, member_id)
    if generation != member.epoch:
        raise IllegalGeneration(group.name, member.epoch, generation)
    return member, classic


def _leaver(group: ConsumerGroup, leaving: Leaving) -> Member:
    """The member that leaves; an administrator names it by its instance id alone. Raises UnknownMember, FencedInstance."""
    member = group.static_member(leaving.instance_id) if leaving.instance_id and not leaving.member_id else None
    if member is None:
        member = membership.known_member(group, leaving.member_id, leaving.instance_id)
    if not member.is_classic:
        raise UnknownMember(group.name, leaving.member_id)
    return member


def _check_protocol(command: Sync, classic: ClassicMember) -> None:
    if command.protocol_type not in (None, PROTOCOL_TYPE):
        raise InconsistentGroupProtocol(command.group, f"its members are no {command.protocol_type!r}")
    if command.protocol not in (None, classic.protocols[0].name):
        raise InconsistentGroupProtocol(
            command.group, f"the member joined by another protocol than {command.protocol!r}"
        )


def _has_to_join(group: ConsumerGroup, member: Member) -> bool:
    if member.epoch < group.epoch or member.state is MemberState.UNREVOKED_PARTITIONS:
        return True
    waits = member.state is MemberState.UNRELEASED_PARTITIONS
    return waits and not _waits_for_others(group, member)


def _waits_for_others(group: ConsumerGroup, member: Member) -> bool:
    """Whether somebody still has any of what the member is to get."""
    missing = group.targets.get(member.id, NO_PARTITIONS) - member.assigned
    return any(partition in group.owners for partition in missing)


def _await_join(draft: Draft, member: Member) -> None:
    """Gives the member its rebalance timeout to join; each heartbeat until then would give it anew."""
    if member.id not in draft.group.awaited:
        draft.put(RejoinAwaited(draft.name, member.id))
        delay_ms = member.metadata.rebalance_timeout_ms
        draft.set_timer(timers.timer_key(timers.JOIN, draft.name, member.id), delay_ms)
