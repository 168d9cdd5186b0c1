"""How members go: they leave, are silent for too long, or do not ask for their assignment.

Lives here: LeaveGroup, and what comes of the timers. Must not live here: what a rebalance does (`rebalance`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from cordwood.groups.classic.commands import Leave, Leaving
from cordwood.groups.classic.draft import Draft
from cordwood.groups.classic.group import ClassicGroup
from cordwood.groups.classic.rebalance import complete_if_joined, rebalance
from cordwood.groups.classic.records import MemberIdLapsed, MembersRemoved, Removal
from cordwood.groups.classic.replies import JoinReply, LeaveReply, LeftMember
from cordwood.groups.classic.transitions import State
from cordwood.groups.turn import Turn
from cordwood.model.decision import Result, answered
from cordwood.model.errors import CordwoodError
from cordwood.model.group_errors import InvalidGroupId, UnknownMember


def decide_leave(groups: Mapping[str, object], command: Leave, turn: Turn) -> Result:
    """Removes the members, all with one rebalance; those that cannot be removed have an error each."""
    if not command.group:
        return answered(turn.ticket, InvalidGroupId(command.group))
    group = groups.get(command.group)
    if not isinstance(group, ClassicGroup):
        unknown = (_left(leaving, UnknownMember(command.group, leaving.member_id)) for leaving in command.members)
        return answered(turn.ticket, LeaveReply(tuple(unknown)))
    draft = Draft(group)
    going: dict[str, None] = {}
    outcomes = tuple(_part(draft, leaving, going) for leaving in command.members)
    if going:
        remove_members(draft, list(going), Removal.LEFT, turn)
    else:
        complete_if_joined(draft, turn)
    draft.answer(turn.ticket, LeaveReply(outcomes))
    return draft.result()


def _part(draft: Draft, leaving: Leaving, going: dict[str, None]) -> LeftMember:
    """Forgets an id that was given, or adds the member to those that are going."""
    if leaving.member_id in draft.group.pending:
        draft.write(MemberIdLapsed(draft.group.group, leaving.member_id))
        draft.set_session(leaving.member_id, None)
        return _left(leaving, None)
    try:
        going[_member_to_remove(draft.group, leaving, going)] = None
    except CordwoodError as error:
        return _left(leaving, error)
    return _left(leaving, None)


def _left(leaving: Leaving, error: CordwoodError | None) -> LeftMember:
    return LeftMember(leaving.member_id, leaving.instance_id, error)


def _member_to_remove(group: ClassicGroup, leaving: Leaving, going: Collection[str]) -> str:
    """The id of the member that is meant. Raises UnknownMember and FencedInstance."""
    member_id: str | None = leaving.member_id
    if not member_id and leaving.instance_id is not None:
        # An operator removes a static member by its instance id alone.
        member_id = group.instances.get(leaving.instance_id)
    if member_id is None or member_id in going:
        raise UnknownMember(group.group, leaving.member_id)
    return group.member(member_id, leaving.instance_id).member_id


def remove_members(draft: Draft, member_ids: Sequence[str], reason: Removal, turn: Turn) -> None:
    """Takes members out and rebalances the others; requests of theirs that wait are told that they are unknown now."""
    group = draft.group
    for member_id in member_ids:
        member = group.members[member_id]
        unknown = UnknownMember(group.group, member_id)
        draft.answer(member.join_ticket, JoinReply("", unknown))
        draft.answer(member.sync_ticket, unknown)
        draft.set_session(member_id, None)
    rebalance(draft, MembersRemoved(group.group, tuple(member_ids), reason), turn)


def expire_session(draft: Draft, member_id: str, turn: Turn) -> None:
    """A member was silent for its session timeout, or did not come again with the id it was given."""
    if member_id in draft.group.pending:
        draft.write(MemberIdLapsed(draft.group.group, member_id))
        complete_if_joined(draft, turn)
        return
    member = draft.group.members.get(member_id)
    if member is not None and not member.is_waiting:
        remove_members(draft, [member_id], Removal.EXPIRED, turn)


def expire_sync(draft: Draft, turn: Turn) -> None:
    """Members that did not ask for their assignment in time are out, the leader as any other."""
    if draft.group.state not in (State.COMPLETING_REBALANCE, State.STABLE):
        return
    late = [member.member_id for member in draft.group.members.values() if member.must_sync]
    if late:
        remove_members(draft, late, Removal.NOT_SYNCED, turn)
