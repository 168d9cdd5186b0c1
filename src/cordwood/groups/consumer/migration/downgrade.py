"""A consumer group becomes a classic group, because only classic members are left in it.

Lives here: that conversion. Must not live here: how the last member of the new protocol went.

The group keeps its epoch as the generation and every member what it has; then it rebalances, as classic groups do when
somebody goes: the members hear of it from their next heartbeats.
"""

from __future__ import annotations

from collections import Counter

from cordwood.groups.classic import lifecycle
from cordwood.groups.classic.records import GroupStored, StoredMember
from cordwood.groups.consumer import timers
from cordwood.groups.consumer.draft import Draft
from cordwood.groups.consumer.group import ConsumerGroup
from cordwood.groups.consumer.member import ClassicMember, Member
from cordwood.groups.consumer.migration.policy import allows_downgrade
from cordwood.groups.consumer.migration.translation import assignment_bytes, subscription_of
from cordwood.groups.consumer.removal import group_removal
from cordwood.groups.embedded import PROTOCOL_TYPE
from cordwood.groups.settings import GroupSettings
from cordwood.groups.turn import Topics, Turn


def is_due(group: ConsumerGroup, settings: GroupSettings) -> bool:
    """Whether all who are left speak the classic protocol, and the group may and can be one of theirs."""
    return (
        0 < len(group.members) <= settings.max_size
        and all(member.is_classic for member in group.members.values())
        and allows_downgrade(settings)
    )


def downgrade(draft: Draft, turn: Turn) -> None:
    """Ends the consumer group and begins the classic one, with a rebalance."""
    group = draft.group
    for member_id in group.members:
        timers.cancel_all(draft, member_id)
    stored = _generation(group, turn)
    draft.put(*group_removal(group))
    draft.take(lifecycle.restored(stored, turn, force=True))


def _generation(group: ConsumerGroup, turn: Turn) -> GroupStored:
    classic = {member.id: member.metadata.classic for member in group.members.values() if member.metadata.classic}
    protocol = _common_protocol(list(classic.values()))
    return GroupStored(
        group.name,
        group.epoch,
        PROTOCOL_TYPE,
        protocol,
        next(iter(classic)),
        turn.now_ms,
        tuple(_stored(group.members[member_id], said, protocol, turn.topics) for member_id, said in classic.items()),
    )


def _common_protocol(members: list[ClassicMember]) -> str:
    """The protocol that all support with the most first choices; there is one, for who has none was not let in."""
    common = set.intersection(*({protocol.name for protocol in member.protocols} for member in members))
    votes = Counter(next(p.name for p in member.protocols if p.name in common) for member in members)
    return votes.most_common(1)[0][0]


def _stored(member: Member, classic: ClassicMember, protocol: str, topics: Topics) -> StoredMember:
    subscription = subscription_of(classic.protocols)
    version = 0 if subscription is None else subscription.version
    return StoredMember(
        member.id,
        member.metadata.instance_id,
        member.metadata.client_id,
        member.metadata.client_host,
        member.metadata.rebalance_timeout_ms,
        classic.session_timeout_ms,
        next(known.metadata for known in classic.protocols if known.name == protocol),
        assignment_bytes(member.assigned, version, topics),
    )
