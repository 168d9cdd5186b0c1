"""JoinGroup: who may come in, under which id, and whether that takes a rebalance.

Lives here: that decision. Must not live here: what a rebalance does (`rebalance`), and static members who come back
under another id (`replacement`).
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from cordwood.groups.classic.commands import Join
from cordwood.groups.classic.departure import remove_members
from cordwood.groups.classic.draft import Draft
from cordwood.groups.classic.group import ClassicGroup
from cordwood.groups.classic.member import Member
from cordwood.groups.classic.rebalance import complete_if_joined, current_generation, initial_delay, rebalance, rejoin
from cordwood.groups.classic.records import (
    GroupStored,
    InitialDelay,
    MemberIdGiven,
    MemberIdLapsed,
    MemberJoined,
    Removal,
)
from cordwood.groups.classic.replacement import replace_member
from cordwood.groups.classic.replies import JoinReply
from cordwood.groups.classic.transitions import State
from cordwood.groups.turn import Turn
from cordwood.model.decision import Result, answered
from cordwood.model.errors import CordwoodError, InvalidRequest
from cordwood.model.group_errors import (
    GroupFull,
    InconsistentGroupProtocol,
    InvalidGroupId,
    InvalidSessionTimeout,
    MemberIdRequired,
    UnknownMember,
)
from cordwood.model.limits import MAX_PENDING_MEMBERS


def decide_join(groups: Mapping[str, object], command: Join, turn: Turn) -> Result:
    """Lets a member in, tells it the generation it is in already, or says why not. A group begins with its first member."""
    found = groups.get(command.group)
    group = found if isinstance(found, ClassicGroup) else ClassicGroup(command.group)
    refusal = _invalid(command, turn) or _refusal(group, command, turn)
    if isinstance(refusal, GroupFull):
        return _turn_away(group, command, refusal, turn)
    if refusal is not None:
        return answered(turn.ticket, JoinReply(command.member_id, refusal))
    draft = Draft(group)
    if group is not found:
        draft.write(GroupStored(command.group, group.generation, state_timestamp_ms=turn.now_ms))
    if not command.member_id:
        _let_in(draft, command, turn)
    elif command.member_id in group.pending:
        _add(draft, command, command.member_id, turn)
    else:
        _rejoin(draft, command, turn)
    return draft.result()


def _invalid(command: Join, turn: Turn) -> CordwoodError | None:
    low_ms, high_ms = turn.settings.min_session_timeout_ms, turn.settings.max_session_timeout_ms
    if not command.group:
        return InvalidGroupId(command.group)
    if not low_ms <= command.session_timeout_ms <= high_ms:
        return InvalidSessionTimeout(command.session_timeout_ms, low_ms, high_ms)
    return None


def _refusal(group: ClassicGroup, command: Join, turn: Turn) -> CordwoodError | None:
    """Why the member may not come in; None when it may."""
    full = _is_full(group, command, turn.settings.max_size)
    if full is not None:
        return full
    if command.member_id and group.is_empty and command.member_id not in group.pending:
        return UnknownMember(group.group, command.member_id)
    if not group.fits(command.protocol_type, [protocol.name for protocol in command.protocols]):
        return InconsistentGroupProtocol(group.group, _misfit(group, command))
    if command.member_id in group.pending:
        return InvalidRequest("a static member has no pending member id") if command.instance_id is not None else None
    if not command.member_id:
        return None
    try:
        group.member(command.member_id, command.instance_id)
    except CordwoodError as error:
        return error
    return None


def _is_full(group: ClassicGroup, command: Join, max_size: int) -> GroupFull | None:
    """Members that have joined count while a group prepares a rebalance, so that the last to come back are left out."""
    if group.state is State.PREPARING_REBALANCE:
        member = group.members.get(command.member_id)
        full = not (member and member.is_joining) and group.awaiting_join >= max_size
    else:
        full = not group.is_empty and command.member_id not in group.members and len(group.members) >= max_size
    if full:
        return GroupFull(group.group, max_size)
    if not command.member_id and command.require_known_member_id and len(group.pending) >= MAX_PENDING_MEMBERS:
        return GroupFull(group.group, MAX_PENDING_MEMBERS)
    return None


def _misfit(group: ClassicGroup, command: Join) -> str:
    names = ", ".join(protocol.name for protocol in command.protocols) or "no protocol"
    wanted = "any protocol" if group.is_empty else f"type {group.protocol_type!r} and a protocol that all members know"
    return f"it names {names} of type {command.protocol_type!r}, the group asks for {wanted}"


def _turn_away(group: ClassicGroup, command: Join, full: GroupFull, turn: Turn) -> Result:
    """A member for whom there is no room is out of the group, also if it was in it before."""
    draft = Draft(group)
    draft.answer(turn.ticket, JoinReply("", full))
    if command.member_id in group.pending:
        draft.write(MemberIdLapsed(group.group, command.member_id))
        draft.set_session(command.member_id, None)
        complete_if_joined(draft, turn)
    elif command.member_id in group.members:
        remove_members(draft, [command.member_id], Removal.REFUSED, turn)
    return draft.result()


def _let_in(draft: Draft, command: Join, turn: Turn) -> None:
    """A member without an id comes in, or is told one and has to come again."""
    member_id = f"{command.client_id if command.instance_id is None else command.instance_id}-{turn.new_id()}"
    if command.instance_id is not None and command.instance_id in draft.group.instances:
        replace_member(draft, command, member_id, turn)
    elif command.instance_id is None and command.require_known_member_id:
        draft.write(MemberIdGiven(command.group, member_id))
        draft.set_session(member_id, command.session_timeout_ms)
        draft.answer(turn.ticket, JoinReply(member_id, MemberIdRequired(command.group, member_id)))
    else:
        _add(draft, command, member_id, turn)


def _add(draft: Draft, command: Join, member_id: str, turn: Turn) -> None:
    member = Member(
        member_id=member_id,
        instance_id=command.instance_id,
        client_id=command.client_id,
        client_host=command.client_host,
        session_timeout_ms=command.session_timeout_ms,
        rebalance_timeout_ms=command.rebalance_timeout_ms,
        protocols=command.protocols,
        is_new=True,
        join_ticket=turn.ticket,
    )
    # It does not know its id yet and cannot send heartbeats; if its client gave up, it must not be waited for for ever.
    draft.set_session(member_id, turn.settings.new_member_join_timeout_ms)
    delay = _delay_with_newcomer(draft.group, command, turn)
    rebalance(draft, MemberJoined(command.group, member, command.protocol_type, delay), turn)


def _delay_with_newcomer(group: ClassicGroup, command: Join, turn: Turn) -> InitialDelay | None:
    if group.is_empty:
        return initial_delay(command.rebalance_timeout_ms, turn.settings)
    if group.initial_delay is not None:
        return msgspec.structs.replace(group.initial_delay, has_newcomer=True)
    return None


def _rejoin(draft: Draft, command: Join, turn: Turn) -> None:
    """A member of the group joins again: it begins a rebalance unless the generation is news to it alone."""
    group = draft.group
    member = group.members[command.member_id]
    same = member.protocols == command.protocols
    is_leader = group.leader == member.member_id
    # A leader that joins a stable group wants a rebalance: only it knows what else its assignment depends on.
    lost_reply = same and (group.state is State.COMPLETING_REBALANCE or (group.state is State.STABLE and not is_leader))
    if lost_reply:
        draft.answer(turn.ticket, current_generation(group, member.member_id))
        return
    rejoin(draft, member, command, turn)
