"""SyncGroup: the leader brings what it assigned, and everybody gets a share.

Lives here: that decision, and Heartbeat, which asks whether the share still holds. Must not live here: rebalances.
"""

from __future__ import annotations

from collections.abc import Mapping

from cordwood.groups.classic.commands import Heartbeat, Sync
from cordwood.groups.classic.draft import SYNC, Draft, session_key
from cordwood.groups.classic.group import ClassicGroup
from cordwood.groups.classic.member import Member
from cordwood.groups.classic.records import MemberSynced
from cordwood.groups.classic.replies import SyncReply
from cordwood.groups.classic.snapshot import snapshot
from cordwood.groups.classic.transitions import State
from cordwood.groups.turn import Turn
from cordwood.model.decision import NO_TICKET, Answer, Result, Ticket, Timer, answered
from cordwood.model.errors import CordwoodError
from cordwood.model.group_errors import (
    IllegalGeneration,
    InconsistentGroupProtocol,
    InvalidGroupId,
    RebalanceInProgress,
    UnknownMember,
)


def decide_sync(groups: Mapping[str, object], command: Sync, turn: Turn) -> Result:
    """Tells the member its assignment, or lets it wait for the leader's; the leader's makes the group stable."""
    try:
        group, member = _find(groups, command)
        _check_protocol(group, command)
        if group.state is State.PREPARING_REBALANCE:
            raise RebalanceInProgress(group.group)
    except CordwoodError as error:
        return answered(turn.ticket, error)
    draft = Draft(group)
    if group.state is State.STABLE:
        if member.must_sync:
            _note(draft, member, NO_TICKET)
        draft.answer(turn.ticket, _share(group, member))
        return draft.result()
    # A request that was sent again takes the place of the first.
    draft.answer(member.sync_ticket, RebalanceInProgress(group.group))
    _note(draft, member, turn.ticket)
    if member.member_id == group.leader:
        _assign(draft, command, turn)
    return draft.result()


def _find(groups: Mapping[str, object], command: Sync | Heartbeat) -> tuple[ClassicGroup, Member]:
    """The group and the member. Raises what is wrong with the names or the generation."""
    if not command.group:
        raise InvalidGroupId(command.group)
    group = groups.get(command.group)
    if not isinstance(group, ClassicGroup):
        raise UnknownMember(command.group, command.member_id)
    member = group.member(command.member_id, command.instance_id)
    if command.generation != group.generation:
        raise IllegalGeneration(group.group, group.generation, command.generation)
    return group, member


def _check_protocol(group: ClassicGroup, command: Sync) -> None:
    for named, current in ((command.protocol_type, group.protocol_type), (command.protocol, group.protocol)):
        if named is not None and current is not None and named != current:
            raise InconsistentGroupProtocol(group.group, f"it names {named!r}, the generation has {current!r}")


def _note(draft: Draft, member: Member, ticket: Ticket) -> None:
    draft.write(MemberSynced(draft.group.group, member.member_id, ticket))
    if not draft.group.unsynced:
        draft.set_timer(SYNC, None)


def _assign(draft: Draft, command: Sync, turn: Turn) -> None:
    """Stores what the leader assigned, and tells all who wait for it. Nobody else's name counts."""
    group = draft.group
    waiting = [member for member in group.members.values() if member.sync_ticket != NO_TICKET]
    assignments = {given.member_id: given.assignment for given in command.assignments}
    draft.write(snapshot(group, assignments, turn.now_ms))
    for member in waiting:
        draft.answer(member.sync_ticket, _share(group, group.members[member.member_id]))
        draft.set_session(member.member_id, member.session_timeout_ms)


def _share(group: ClassicGroup, member: Member) -> SyncReply:
    return SyncReply(group.protocol_type, group.protocol, member.assignment)


def decide_heartbeat(groups: Mapping[str, object], command: Heartbeat, turn: Turn) -> Result:
    """Keeps the member's session, and tells it when it has to join again."""
    try:
        group, member = _find(groups, command)
    except CordwoodError as error:
        return answered(turn.ticket, error)
    rebalancing = RebalanceInProgress(group.group) if group.state is State.PREPARING_REBALANCE else None
    timer = Timer(session_key(group.group, member.member_id), member.session_timeout_ms)
    return Result((), (Answer(turn.ticket, rebalancing),), (timer,))
