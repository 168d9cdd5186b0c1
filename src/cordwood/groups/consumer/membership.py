"""Who speaks: the member behind a heartbeat, as it was or newly made, and whether its epoch lets it speak.

Lives here: joining, for dynamic and for static members, and the check of epochs. Must not live here: what members
subscribe to and what they get.
"""

from __future__ import annotations

import msgspec

from cordwood.groups.consumer.commands import JOIN_EPOCH, LEAVE_STATIC_EPOCH
from cordwood.groups.consumer.draft import Draft
from cordwood.groups.consumer.group import ConsumerGroup
from cordwood.groups.consumer.member import Member
from cordwood.groups.consumer.partitions import NO_PARTITIONS, Partitions
from cordwood.groups.consumer.records import CurrentStored, MemberStored, TargetStored
from cordwood.groups.consumer.removal import member_removal
from cordwood.model.group_errors import FencedInstance, FencedMemberEpoch, GroupFull, UnknownMember, UnreleasedInstance


def check_room(group: ConsumerGroup, member_id: str, limit: int) -> None:
    """Raises GroupFull when the member would be one too many."""
    if len(group.members) >= limit and member_id not in group.members:
        raise GroupFull(group.name, limit)


def known_member(group: ConsumerGroup, member_id: str, instance_id: str | None) -> Member:
    """A member that was there before. Raises UnknownMember, FencedInstance."""
    if instance_id is None:
        member = group.members.get(member_id)
        if member is None:
            raise UnknownMember(group.name, member_id)
        return member
    member = group.static_member(instance_id)
    if member is None:
        raise UnknownMember(group.name, member_id)
    if member.id != member_id:
        raise FencedInstance(group.name, instance_id, member_id)
    return member


def joining_member(draft: Draft, member_id: str, instance_id: str | None, *, by_classic: bool = False) -> Member:
    """The member that joins: as it was if it is there, in the place of a static one that it succeeds, or new.

    A static member of this protocol makes place when it has left for a while; where one of both members speaks the
    classic protocol, it always does. Raises UnreleasedInstance.
    """
    group = draft.group
    predecessor = None if instance_id is None else group.static_member(instance_id)
    if instance_id is None or predecessor is None or (predecessor.id == member_id and not by_classic):
        return group.members.get(member_id) or Member(member_id)
    if not by_classic and not predecessor.is_classic and predecessor.epoch != LEAVE_STATIC_EPOCH:
        raise UnreleasedInstance(group.name, instance_id, predecessor.id)
    successor = msgspec.structs.replace(predecessor, id=member_id, epoch=JOIN_EPOCH, previous_epoch=JOIN_EPOCH)
    target = group.targets.get(predecessor.id, NO_PARTITIONS)
    draft.put(*member_removal(group.name, predecessor.id))
    draft.put(
        MemberStored(group.name, member_id, successor.metadata),
        TargetStored(group.name, member_id, target),
        current_record(group.name, successor),
    )
    return successor


def check_epoch(group: ConsumerGroup, member: Member, epoch: int, owned: Partitions | None) -> None:
    """Raises FencedMemberEpoch, unless the epoch is the member's or it did not hear the last answer.

    That is so when it names the epoch before, and has nothing that it should not have.
    """
    if epoch in (JOIN_EPOCH, member.epoch):
        return
    may_have_missed_it = owned is not None and owned <= member.assigned
    if epoch > member.epoch or epoch != member.previous_epoch or not may_have_missed_it:
        raise FencedMemberEpoch(group.name, member.id, member.epoch, epoch)


def current_record(group: str, member: Member) -> CurrentStored:
    """The record of how far a member has come."""
    return CurrentStored(
        group, member.id, member.epoch, member.previous_epoch, member.state, member.assigned, member.revoking
    )
