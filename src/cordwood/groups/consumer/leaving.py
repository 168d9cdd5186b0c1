"""How members go: by their own word, for a while, or because they were silent or slow.

Lives here: leaving and fencing. Must not live here: the timers that tell silence (`expiry`).
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from cordwood.groups.consumer import membership, subscription, timers
from cordwood.groups.consumer.commands import LEAVE_STATIC_EPOCH, ConsumerHeartbeat, HeartbeatReply
from cordwood.groups.consumer.draft import Draft
from cordwood.groups.consumer.member import Member
from cordwood.groups.consumer.migration.downgrade import downgrade, is_due
from cordwood.groups.consumer.partitions import NO_PARTITIONS
from cordwood.groups.consumer.removal import member_removal
from cordwood.groups.turn import Turn


def leave(draft: Draft, command: ConsumerHeartbeat, turn: Turn) -> HeartbeatReply:
    """Takes the member out, or keeps its place. Raises GroupNotFound, UnknownMember, FencedInstance."""
    member = membership.known_member(draft.group, command.member_id, command.instance_id)
    if command.epoch == LEAVE_STATIC_EPOCH:
        away = msgspec.structs.replace(member, epoch=LEAVE_STATIC_EPOCH, revoking=NO_PARTITIONS)
        draft.put(membership.current_record(draft.name, away))
        # Its session goes on, as the time in which it has to be back.
        draft.set_timer(timers.timer_key(timers.REBALANCE, draft.name, member.id), None)
    else:
        fence(draft, [member], turn)
    return HeartbeatReply(member.id, command.epoch)


def fence(draft: Draft, members: Iterable[Member], turn: Turn) -> None:
    """Takes members out, and their partitions with them; others get those when they next speak.

    When all who are left speak the classic protocol, the group becomes one of theirs.
    """
    for member in members:
        draft.put(*member_removal(draft.name, member.id))
        timers.cancel_all(draft, member.id)
    if is_due(draft.group, turn.settings):
        downgrade(draft, turn)
    else:
        subscription.refresh_regexes(draft, turn)
        subscription.bump(draft, turn)
