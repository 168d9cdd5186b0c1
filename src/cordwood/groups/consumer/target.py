"""The target: what every member is to have, computed when the group's epoch has moved ahead of it.

Lives here: the vote for an assignor, and what its result changes. Must not live here: assignors, and how members get
there (`reconciliation`).
"""

from __future__ import annotations

from collections import Counter

from cordwood.groups.consumer.assignors import ASSIGNORS
from cordwood.groups.consumer.assignors.contract import Subscriber
from cordwood.groups.consumer.draft import Draft
from cordwood.groups.consumer.group import ConsumerGroup
from cordwood.groups.consumer.partitions import NO_PARTITIONS
from cordwood.groups.consumer.records import TargetEpochStored, TargetStored
from cordwood.groups.consumer.subscription import topic_ids, topics_of
from cordwood.groups.settings import GroupSettings
from cordwood.groups.turn import Topics
from cordwood.model.ids import TopicId


def preferred_assignor(group: ConsumerGroup, settings: GroupSettings) -> str:
    """The assignor with the most votes; of equals, and without votes, the first in the settings."""
    votes = Counter([member.metadata.assignor for member in group.members.values()])
    return max(settings.consumer_assignors, key=lambda name: votes[name])


def compute(draft: Draft, topics: Topics, settings: GroupSettings) -> None:
    """Puts the targets that differ from those before, and then the epoch that they belong to."""
    group = draft.group
    subscribers = _subscribers(group, topics)
    counts: dict[TopicId, int] = {}
    for topic_id in frozenset().union(*{subscriber.topics for subscriber in subscribers.values()}):
        topic = topics.find_id(topic_id)
        if topic is not None:
            counts[topic_id] = topic.partition_count
    assigned = ASSIGNORS[preferred_assignor(group, settings)](subscribers, counts)
    targets = group.targets
    for member_id, partitions in assigned.items():
        before = targets.get(member_id)
        if before is not partitions and before != partitions:
            draft.put(TargetStored(draft.name, member_id, partitions))
    draft.put(TargetEpochStored(draft.name, group.epoch))


def _subscribers(group: ConsumerGroup, topics: Topics) -> dict[str, Subscriber]:
    """The members as assignors see them. Most subscribe to the same: ids are looked up once for each set of names."""
    known: dict[frozenset[str], frozenset[TopicId]] = {}
    found = {}
    targets = group.targets
    for member in group.members.values():
        names = topics_of(group, member)
        ids = known.get(names)
        if ids is None:
            ids = known[names] = topic_ids(names, topics)
        found[member.id] = Subscriber(ids, targets.get(member.id, NO_PARTITIONS), member.metadata.instance_id)
    return found
