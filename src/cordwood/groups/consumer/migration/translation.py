"""Between the two protocols: topics by name and by id, subscriptions and assignments as bytes and as sets.

Lives here: those translations. Must not live here: what groups do with them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from cordwood.groups.consumer.member import ClassicProtocol
from cordwood.groups.consumer.partitions import Partitions, by_topic, flatten
from cordwood.groups.embedded import Assignment, Subscription, read_subscription, write_assignment
from cordwood.groups.turn import Topics


def subscription_of(protocols: Iterable[ClassicProtocol]) -> Subscription | None:
    """What a classic member subscribes to: all its protocols say the same. None when it cannot be read."""
    first = next(iter(protocols), None)
    return None if first is None else read_subscription(first.metadata)


def by_id(partitions: Mapping[str, Iterable[int]], topics: Topics) -> Partitions:
    """Partitions of topics by name; topics that do not exist are passed over."""
    found = ((topics.find(name), indexes) for name, indexes in partitions.items())
    return flatten((topic.id, indexes) for topic, indexes in found if topic is not None)


def assignment_bytes(partitions: Partitions, version: int, topics: Topics) -> bytes:
    """An assignment as classic members read it, in the version of their subscription."""
    found = ((topics.find_id(topic_id), indexes) for topic_id, indexes in by_topic(partitions).items())
    named = {topic.name: tuple(indexes) for topic, indexes in found if topic is not None}
    return write_assignment(Assignment(named, version=version))
