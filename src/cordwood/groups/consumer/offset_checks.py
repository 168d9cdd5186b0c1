"""Who may commit and fetch the offsets of a consumer group.

Lives here: those checks, as Kafka's ConsumerGroup makes them. Must not live here: the offsets.
"""

from __future__ import annotations

from typing import Final

from cordwood.groups.consumer.group import ConsumerGroup
from cordwood.model.group_errors import IllegalGeneration, StaleMemberEpoch, UnknownMember

NO_EPOCH: Final = -1
"""The request comes from an administrator, or a consumer that assigns its partitions itself."""


def check_commit(
    group: ConsumerGroup, member_id: str, instance_id: str | None, member_epoch: int, *, transactional: bool
) -> None:
    """Raises UnknownMember, StaleMemberEpoch, or IllegalGeneration for a member that speaks the classic protocol.

    Whoever is in no group may commit while the group is empty. A transactional producer need not say for which member
    it commits; before TxnOffsetCommit 3 it cannot.
    """
    says_nothing = member_epoch < 0 and not member_id and instance_id is None
    if (member_epoch < 0 and not group.members) or (transactional and says_nothing):
        return
    _check_member(group, member_id, member_epoch)


def check_fetch(group: ConsumerGroup, member_id: str | None, member_epoch: int) -> None:
    """As `check_commit`; without a member (OffsetFetch before version 9, or an administrator) anybody may fetch."""
    if member_id is None and member_epoch < 0:
        return
    _check_member(group, member_id or "", member_epoch)


def _check_member(group: ConsumerGroup, member_id: str, member_epoch: int) -> None:
    member = group.members.get(member_id)
    if member is None:
        raise UnknownMember(group.name, member_id)
    if member_epoch != member.epoch:
        if member.is_classic:
            raise IllegalGeneration(group.name, member.epoch, member_epoch)
        raise StaleMemberEpoch(group.name, member_id, member.epoch, member_epoch)
