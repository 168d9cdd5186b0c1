"""What comes of what a member says, in either protocol: a new epoch, a new target, its own next step.

Lives here: the order of these. Must not live here: the steps themselves (`subscription`, `target`, `reconciliation`), and
what members say it with (`heartbeat`, `migration.join`).
"""

from __future__ import annotations

import msgspec

from cordwood.groups.consumer import membership, subscription, target, timers
from cordwood.groups.consumer.draft import Draft
from cordwood.groups.consumer.group import ConsumerGroup
from cordwood.groups.consumer.member import Member, MemberMetadata
from cordwood.groups.consumer.partitions import NO_PARTITIONS, Partitions
from cordwood.groups.consumer.reconciliation import Aim, reconcile
from cordwood.groups.consumer.records import MemberStored
from cordwood.groups.turn import Turn
from cordwood.model.ids import TopicId


def settle(draft: Draft, before: Member, metadata: MemberMetadata, owned: Partitions | None, turn: Turn) -> Member:
    """Takes in what a member says, computes a new target if that or the topics ask for one, and moves the member on.

    Raises FencedMemberEpoch.
    """
    changed = metadata.topics != before.metadata.topics or metadata.regex != before.metadata.regex
    if metadata != before.metadata or before.id not in draft.group.members:
        draft.put(MemberStored(draft.name, before.id, metadata))
    if changed or draft.group.epoch == 0 or subscription.has_new_topics(draft.group, turn):
        subscription.refresh(draft, turn, changed=changed)
    if draft.group.epoch > draft.group.target_epoch:
        target.compute(draft, turn.topics, turn.settings)
    member = msgspec.structs.replace(before, metadata=metadata)
    if not changed and member.is_reconciled_to(draft.group.target_epoch):
        return member
    moved = reconcile(member, _aim(draft.group, member, owned, turn, changed=changed))
    if moved != member:
        draft.put(membership.current_record(draft.name, moved))
        timers.set_rebalance(draft, moved)
    return moved


def _aim(group: ConsumerGroup, member: Member, owned: Partitions | None, turn: Turn, *, changed: bool) -> Aim:
    names = subscription.topics_of(group, member)
    known: dict[TopicId, bool] = {}

    def is_subscribed(topic_id: TopicId) -> bool:
        if topic_id not in known:
            topic = turn.topics.find_id(topic_id)
            known[topic_id] = topic is not None and topic.name in names
        return known[topic_id]

    target_partitions = group.targets.get(member.id, NO_PARTITIONS)
    return Aim(group.name, group.target_epoch, target_partitions, group.owners, is_subscribed, changed, owned)
