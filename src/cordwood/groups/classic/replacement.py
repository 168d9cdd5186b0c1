"""Static members who come back under another member id (KIP-345).

Lives here: fencing the old id, and whether the generation goes on with the new one. Must not live here: other joins.
"""

from __future__ import annotations

import msgspec

from cordwood.groups.classic.commands import Join
from cordwood.groups.classic.draft import Draft
from cordwood.groups.classic.group import ClassicGroup
from cordwood.groups.classic.member import Member
from cordwood.groups.classic.rebalance import current_generation, rejoin, updated
from cordwood.groups.classic.records import MemberReplaced
from cordwood.groups.classic.replies import JoinReply
from cordwood.groups.classic.snapshot import snapshot
from cordwood.groups.classic.transitions import State
from cordwood.groups.embedded import PROTOCOL_TYPE, read_topics
from cordwood.groups.turn import Turn
from cordwood.model.decision import NO_TICKET
from cordwood.model.group_errors import FencedInstance


def replace_member(draft: Draft, command: Join, member_id: str, turn: Turn) -> None:
    """Gives the place of the instance to `member_id`; without a rebalance if what was assigned still fits."""
    group = draft.group
    instance_id = command.instance_id or ""
    old = group.members[group.instances[instance_id]]
    leader = group.leader or ""
    fenced = FencedInstance(group.group, instance_id, old.member_id)
    draft.answer(old.join_ticket, JoinReply(old.member_id, fenced))
    draft.answer(old.sync_ticket, fenced)
    draft.set_session(old.member_id, None)
    member = msgspec.structs.replace(
        updated(old, command),
        member_id=member_id,
        client_id=command.client_id,
        client_host=command.client_host,
        is_new=False,
        join_ticket=NO_TICKET,
        sync_ticket=NO_TICKET,
    )
    draft.write(MemberReplaced(group.group, old.member_id, member))
    draft.set_session(member_id, member.session_timeout_ms)
    if _stands(group, old, member):
        assignments = {known.member_id: known.assignment for known in group.members.values()}
        draft.write(snapshot(group, assignments, turn.now_ms))
        draft.answer(turn.ticket, _generation_that_stands(group, command, member_id, leader))
    else:
        rejoin(draft, member, command, turn)


def _stands(group: ClassicGroup, old: Member, new: Member) -> bool:
    """Whether a rebalance would come to the same.

    So it does when the group is stable, would choose its protocol again, and the member, in a group of consumers, wants
    the topics that it wanted. More of its metadata cannot count: they tell what it owns, after a restart nothing.
    """
    if group.state is not State.STABLE or group.choose_protocol() != group.protocol:
        return False
    if group.protocol_type != PROTOCOL_TYPE:
        return True
    wanted, wants = (read_topics(member.metadata(group.protocol) or b"") for member in (old, new))
    return wanted is None or wants is None or set(wanted) == set(wants)


def _generation_that_stands(group: ClassicGroup, command: Join, member_id: str, old_leader: str) -> JoinReply:
    """A leader that does not know of skipping must not take itself for the leader, or it would assign anew (KIP-814)."""
    reply = current_generation(group, member_id)
    if command.supports_skipping_assignment:
        return msgspec.structs.replace(reply, skip_assignment=member_id == group.leader)
    return msgspec.structs.replace(reply, leader=old_leader, members=())
