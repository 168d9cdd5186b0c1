"""A classic group becomes a consumer group, because a member of the new protocol joins it.

Lives here: that conversion. Must not live here: the joining itself.

Every classic member becomes a member at the epoch that was its generation, and keeps what it was assigned last. The
joining member bumps the epoch, so that all of them are told to join again, now in the consumer group.
"""

from __future__ import annotations

from cordwood.groups.classic import lifecycle
from cordwood.groups.classic.group import ClassicGroup
from cordwood.groups.classic.member import Member as FormerMember
from cordwood.groups.consumer import membership, subscription, timers
from cordwood.groups.consumer.draft import Draft
from cordwood.groups.consumer.member import ClassicMember, ClassicProtocol, Member, MemberMetadata
from cordwood.groups.consumer.migration.policy import allows_upgrade
from cordwood.groups.consumer.migration.translation import by_id
from cordwood.groups.consumer.records import EpochStored, MemberStored, TargetEpochStored, TargetStored
from cordwood.groups.embedded import PROTOCOL_TYPE, read_assignment, read_subscription
from cordwood.groups.settings import GroupSettings
from cordwood.groups.turn import Topics, Turn
from cordwood.model.group_errors import GroupNotFound


def upgrade(draft: Draft, classic: ClassicGroup, turn: Turn) -> None:
    """Makes the draft's classic group a consumer group. Raises GroupNotFound, as Kafka does, when that cannot be."""
    if classic.members:
        _check(classic, turn.settings)
    # One that has never been in a generation has nothing to keep, and may not know its id: it joins anew.
    members = [_member(classic, former, turn.topics) for former in classic.members.values() if not former.is_new]
    draft.take(lifecycle.removal(classic))
    draft.begin()
    if members:
        _restore(draft, classic.generation, members, turn)


def _restore(draft: Draft, epoch: int, members: list[Member], turn: Turn) -> None:
    for member in members:
        draft.put(MemberStored(draft.name, member.id, member.metadata))
    draft.put(EpochStored(draft.name, epoch, subscription.metadata_hash(draft.group, turn.topics)))
    for member in members:
        draft.put(TargetStored(draft.name, member.id, member.assigned))
    draft.put(TargetEpochStored(draft.name, epoch))
    for member in members:
        draft.put(membership.current_record(draft.name, member))
        timers.set_session(draft, member, turn.settings)


def _check(classic: ClassicGroup, settings: GroupSettings) -> None:
    may = allows_upgrade(settings) and classic.protocol_type == PROTOCOL_TYPE
    if not may or len(classic.members) > settings.consumer_max_size:
        raise GroupNotFound(classic.group)


def _member(classic: ClassicGroup, former: FormerMember, topics: Topics) -> Member:
    """The member that a classic one becomes. Raises GroupNotFound when what it says cannot be read.

    Nor can a group be upgraded whose assignor says more to its members than partitions: that would be lost.
    """
    protocols = tuple(ClassicProtocol(protocol.name, protocol.metadata) for protocol in former.protocols)
    said = former.metadata(classic.protocol) or protocols[0].metadata
    wanted = read_subscription(said)
    assigned = read_assignment(former.assignment)
    if wanted is None or assigned is None or assigned.user_data:
        raise GroupNotFound(classic.group)
    return Member(
        former.member_id,
        MemberMetadata(
            instance_id=former.instance_id,
            rack_id=wanted.rack_id,
            client_id=former.client_id,
            client_host=former.client_host,
            topics=frozenset(wanted.topics),
            rebalance_timeout_ms=former.rebalance_timeout_ms,
            classic=ClassicMember(former.session_timeout_ms, protocols),
        ),
        epoch=classic.generation,
        previous_epoch=classic.generation,
        assigned=by_id(assigned.partitions, topics),
    )
