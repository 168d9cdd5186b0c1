"""How a member gets from what it has to what it is to have, without ever having what another has.

Lives here: one step of one member (Kafka's CurrentAssignmentBuilder). Must not live here: where targets come from.

A member first gives up what it is not to have any more; its epoch waits for that. Then it takes the target's epoch and
what is free of the target; the rest it gets, heartbeat by heartbeat, when its owners have given it up.

    STABLE ──target moved, nothing to give up──────────────> STABLE, or UNRELEASED while others still have some of it
    STABLE ──target moved, something to give up────────────> UNREVOKED, in the epoch as before
    UNREVOKED ──the member does not name it any more───────> as from STABLE, towards the newest target
    UNRELEASED ──each heartbeat────────────────────────────> as from STABLE
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import msgspec

from cordwood.groups.consumer.member import Member, MemberState
from cordwood.groups.consumer.partitions import NO_PARTITIONS, IdPartition, Partitions
from cordwood.model.group_errors import FencedMemberEpoch
from cordwood.model.ids import TopicId


class Aim(NamedTuple):
    """What a member is to be reconciled to, and what it says that it has."""

    group: str
    epoch: int
    target: Partitions
    owners: Mapping[IdPartition, str]
    is_subscribed: Callable[[TopicId], bool]
    """Whether the member subscribes to a topic now; also when the target was computed before it changed its mind."""
    subscription_changed: bool
    owned: Partitions | None
    """None when the member does not say."""


def reconcile(member: Member, aim: Aim) -> Member:
    """The member after its next step, or as it is when it cannot move.

    Raises FencedMemberEpoch for a member in a state that is not known here, unless it owns nothing.
    """
    match member.state:
        case MemberState.STABLE:
            if member.epoch != aim.epoch:
                return _advance(member, aim, member.epoch)
            return _trim(member, aim) if aim.subscription_changed else member
        case MemberState.UNREVOKED_PARTITIONS:
            if not _still_has(aim, member.revoking):
                return _advance(member, aim, member.epoch)
            return _trim(member, aim) if aim.subscription_changed else member
        case MemberState.UNRELEASED_PARTITIONS:
            return _advance(member, aim, member.epoch)
        case MemberState.UNKNOWN:
            if aim.owned is None or aim.owned:
                raise FencedMemberEpoch(aim.group, member.id, member.epoch, member.epoch)
            return _advance(member, aim, aim.epoch)


def _advance(member: Member, aim: Aim, epoch: int) -> Member:
    """Towards the target, as far as what others have and what this one has still to give up let it."""
    target = frozenset(partition for partition in aim.target if aim.is_subscribed(partition[0]))
    kept = member.assigned & target
    revoking = member.assigned - kept
    if revoking and _still_has(aim, revoking):
        return _stepped(member, epoch, MemberState.UNREVOKED_PARTITIONS, kept, revoking)
    missing = target - kept
    # What the member has just given up is free for it, if it is to have it again after all.
    free = frozenset(partition for partition in missing if aim.owners.get(partition) in (None, member.id))
    state = MemberState.STABLE if free == missing else MemberState.UNRELEASED_PARTITIONS
    return _stepped(member, aim.epoch, state, kept | free, NO_PARTITIONS)


def _trim(member: Member, aim: Aim) -> Member:
    """Takes topics away that the member does not subscribe to any more, without waiting for a new target."""
    gone = frozenset(partition for partition in member.assigned if not aim.is_subscribed(partition[0]))
    if not gone:
        return member
    kept = member.assigned - gone
    revoking = member.revoking | gone
    if _still_has(aim, revoking):
        return _stepped(member, member.epoch, MemberState.UNREVOKED_PARTITIONS, kept, revoking)
    return _stepped(member, member.epoch, member.state, kept, member.revoking)


def _still_has(aim: Aim, partitions: Partitions) -> bool:
    return aim.owned is None or not aim.owned.isdisjoint(partitions)


def _stepped(member: Member, epoch: int, state: MemberState, assigned: Partitions, revoking: Partitions) -> Member:
    return msgspec.structs.replace(
        member, epoch=epoch, previous_epoch=member.epoch, state=state, assigned=assigned, revoking=revoking
    )
