"""The range assignor: of each topic every subscriber gets one run of consecutive partitions.

Lives here: that assignment, as Kafka's RangeAssignor makes it. Must not live here: what members had before: it does not
matter here.

Topics with as many partitions and the same subscribers are divided alike, so that what has the same key in both is read
by one member. Static members come first, by instance id, then the others by member id, so that a restart moves nothing.
"""

from __future__ import annotations

from cordwood.groups.consumer.assignors.contract import PartitionCounts, Subscriber, Subscribers
from cordwood.groups.consumer.partitions import IdPartition, Partitions
from cordwood.model.ids import TopicId


def assign(members: Subscribers, topics: PartitionCounts) -> dict[str, Partitions]:
    """The partitions of each member."""
    subscribers: dict[TopicId, list[str]] = {}
    for member_id, subscriber in sorted(members.items(), key=_rank):
        for topic_id in subscriber.topics:
            subscribers.setdefault(topic_id, []).append(member_id)
    found: dict[str, list[IdPartition]] = {member_id: [] for member_id in members}
    for topic_id, interested in subscribers.items():
        each, extra = divmod(topics.get(topic_id, 0), len(interested))
        start = 0
        # With fewer partitions than subscribers the later ones get nothing.
        for position, member_id in enumerate(interested if each else interested[:extra]):
            end = start + each + (position < extra)
            found[member_id] += [(topic_id, index) for index in range(start, end)]
            start = end
    return {member_id: frozenset(partitions) for member_id, partitions in found.items()}


def _rank(item: tuple[str, Subscriber]) -> tuple[bool, str, str]:
    member_id, subscriber = item
    return (subscriber.instance_id is None, subscriber.instance_id or "", member_id)
