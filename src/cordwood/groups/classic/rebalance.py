"""A rebalance: members join until all have or time is up, then a generation begins, and its leader assigns.

Lives here: how it begins, how long it waits, and how joining completes. Must not live here: who may join (`join`), and
how members go (`departure`).
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import TypeAlias

import msgspec

from cordwood.groups.classic.commands import Join
from cordwood.groups.classic.draft import JOIN, SYNC, Draft
from cordwood.groups.classic.group import ClassicGroup
from cordwood.groups.classic.member import Member
from cordwood.groups.classic.records import (
    GenerationBegun,
    InitialDelay,
    InitialDelayExtended,
    MemberJoined,
    MembersRemoved,
    RebalanceForced,
    Removal,
)
from cordwood.groups.classic.replies import JoinedMember, JoinReply
from cordwood.groups.classic.snapshot import empty_generation
from cordwood.groups.classic.transitions import State
from cordwood.groups.settings import GroupSettings
from cordwood.groups.turn import Turn
from cordwood.model.group_errors import RebalanceInProgress

Change: TypeAlias = MemberJoined | MembersRemoved | RebalanceForced


def rebalance(draft: Draft, change: Change, turn: Turn) -> None:
    """Writes what begins a rebalance, or changes one under way; joining completes when nobody is left to wait for."""
    group = draft.group
    before = group.state
    if before is State.COMPLETING_REBALANCE:
        _send_back(draft, frozenset(change.member_ids if isinstance(change, MembersRemoved) else ()))
    draft.write(change)
    if before in (State.COMPLETING_REBALANCE, State.STABLE):
        draft.set_timer(SYNC, None)
    if before is State.EMPTY and group.initial_delay is not None:
        draft.set_timer(JOIN, group.initial_delay.step_ms)
    elif not complete_if_joined(draft, turn) and before is not State.PREPARING_REBALANCE:
        draft.set_timer(JOIN, group.rebalance_timeout_ms)


def _send_back(draft: Draft, but: AbstractSet[str]) -> None:
    """Those who wait for the assignment of a generation that will not be have to join again."""
    for member in draft.group.members.values():
        if member.sync_ticket and member.member_id not in but:
            draft.answer(member.sync_ticket, RebalanceInProgress(draft.group.group))
            draft.set_session(member.member_id, member.session_timeout_ms)


def rejoin(draft: Draft, member: Member, command: Join, turn: Turn) -> None:
    """A member of the group joins the next generation, with what it says of itself now."""
    group = draft.group
    # A request that was sent again takes the place of the first.
    draft.answer(member.join_ticket, JoinReply(member.member_id, RebalanceInProgress(group.group)))
    joining = msgspec.structs.replace(updated(member, command), join_ticket=turn.ticket)
    rebalance(draft, MemberJoined(group.group, joining, command.protocol_type, group.initial_delay), turn)


def updated(member: Member, command: Join) -> Member:
    """The member with the protocols and timeouts of its newest request."""
    return msgspec.structs.replace(
        member,
        protocols=command.protocols,
        session_timeout_ms=command.session_timeout_ms,
        rebalance_timeout_ms=command.rebalance_timeout_ms,
    )


def initial_delay(rebalance_timeout_ms: int, settings: GroupSettings) -> InitialDelay:
    """How the first rebalance of an empty group waits for more members than its first."""
    step_ms = settings.initial_rebalance_delay_ms
    return InitialDelay(step_ms, max(rebalance_timeout_ms - step_ms, 0))


def expire_join(draft: Draft, turn: Turn) -> None:
    """The time to join is up: goes on with those who have, or waits on for newcomers of a first rebalance."""
    delay = draft.group.initial_delay
    if draft.group.state is not State.PREPARING_REBALANCE:
        return
    if delay is None or not delay.has_newcomer or delay.remaining_ms == 0:
        complete_join(draft, turn)
        return
    step_ms = min(turn.settings.initial_rebalance_delay_ms, delay.remaining_ms)
    extended = InitialDelay(step_ms, max(delay.remaining_ms - delay.step_ms, 0))
    draft.write(InitialDelayExtended(draft.group.group, extended))
    draft.set_timer(JOIN, step_ms)


def complete_if_joined(draft: Draft, turn: Turn) -> bool:
    """Completes joining when nobody is left to wait for; a first rebalance waits out its delay all the same."""
    group = draft.group
    if group.state is not State.PREPARING_REBALANCE or group.initial_delay is not None or not group.has_all_joined:
        return False
    complete_join(draft, turn)
    return True


def complete_join(draft: Draft, turn: Turn) -> None:
    """Begins a generation of those who have joined. Static members stay in it until their session ends.

    Nobody joined but static members are left: waits once more. Nobody is left at all: the group is empty.
    """
    group = draft.group
    draft.set_timer(JOIN, None)
    _remove_absent(draft)
    leader = _leader(group)
    if not group.members:
        draft.write(empty_generation(group, turn.now_ms))
    elif leader is None:
        draft.set_timer(JOIN, group.rebalance_timeout_ms)
    else:
        _begin_generation(draft, leader)


def _remove_absent(draft: Draft) -> None:
    absent = tuple(
        member.member_id
        for member in draft.group.members.values()
        if not member.is_joining and member.instance_id is None
    )
    if absent:
        draft.write(MembersRemoved(draft.group.group, absent, Removal.NOT_REJOINED))
        for member_id in absent:
            draft.set_session(member_id, None)


def _leader(group: ClassicGroup) -> str | None:
    """The leader if it has joined, else the first member that has; None when nobody has."""
    if group.leader is not None and group.members[group.leader].is_joining:
        return group.leader
    return next((member.member_id for member in group.members.values() if member.is_joining), None)


def _begin_generation(draft: Draft, leader: str) -> None:
    group = draft.group
    joined = [member for member in group.members.values() if member.is_joining]
    draft.write(GenerationBegun(group.group, group.generation + 1, group.choose_protocol(), leader))
    for member in joined:
        draft.answer(member.join_ticket, current_generation(group, member.member_id))
    for member in group.members.values():
        draft.set_session(member.member_id, member.session_timeout_ms)
    draft.set_timer(SYNC, group.rebalance_timeout_ms)


def current_generation(group: ClassicGroup, member_id: str) -> JoinReply:
    """What a member of the generation is told; its leader is told all members as well."""
    return JoinReply(
        member_id,
        generation=group.generation,
        protocol_type=group.protocol_type,
        protocol=group.protocol,
        leader=group.leader or "",
        members=joined_members(group) if member_id == group.leader else (),
    )


def joined_members(group: ClassicGroup) -> tuple[JoinedMember, ...]:
    """All members as the leader sees them."""
    return tuple(
        JoinedMember(member.member_id, member.instance_id, member.metadata(group.protocol) or b"")
        for member in group.members.values()
    )
