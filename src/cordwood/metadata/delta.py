"""What lies between two images, in the words of a broker that holds partitions.

Lives here: the comparison. Must not live here: what the broker does about it.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from cordwood.metadata.image import Image, Partition, Resource, ResourceKind, Topic
from cordwood.model.ids import TopicId, TopicPartition


class Held(msgspec.Struct, frozen=True):
    """A partition with the topic it belongs to."""

    name: TopicPartition
    topic_id: TopicId
    partition: Partition


class Delta(msgspec.Struct, frozen=True):
    """What changed: partitions that came, went, or have another state, and topics whose configs may have changed.

    A topic that was deleted and created anew is in `deleted` and in `created`: delete first.
    """

    deleted: tuple[Held, ...]
    created: tuple[Held, ...]
    changed: tuple[Held, ...]
    reconfigured: tuple[str, ...]


def delta(before: Image, after: Image) -> Delta:
    """The difference between two images. What they share is passed over without a look."""
    deleted: list[Held] = []
    created: list[Held] = []
    changed: list[Held] = []
    for topic in _gone(before, after):
        deleted += _held(topic, 0)
    for topic in _new_or_other(before, after):
        old = before.topics_by_id.get(topic.id)
        if old is None:
            created += _held(topic, 0)
            continue
        known = len(old.partitions)
        created += _held(topic, known)
        changed += [held for held in _held(topic, 0, known) if held.partition != old.partitions[held.partition.index]]
    return Delta(tuple(deleted), tuple(created), tuple(changed), tuple(_reconfigured(before, after)))


def _gone(before: Image, after: Image) -> Iterator[Topic]:
    if before.topics is not after.topics:
        for topic_id, topic in before.topics_by_id.items():
            if topic_id not in after.topics_by_id:
                yield topic


def _new_or_other(before: Image, after: Image) -> Iterator[Topic]:
    if before.topics is not after.topics:
        for topic_id, topic in after.topics_by_id.items():
            if before.topics_by_id.get(topic_id) is not topic:
                yield topic


def _held(topic: Topic, start: int, end: int | None = None) -> list[Held]:
    return [
        Held(TopicPartition(topic.name, partition.index), topic.id, partition)
        for partition in topic.partitions[start:end]
    ]


def _reconfigured(before: Image, after: Image) -> Iterator[str]:
    """Topics that were there and whose own configs, or those of brokers, are not what they were."""
    if before.configs is after.configs:
        return
    resources = before.configs.keys() | after.configs.keys()
    others = {resource for resource in resources if before.configs.get(resource) != after.configs.get(resource)}
    everything = any(resource.kind == ResourceKind.BROKER for resource in others)
    for name, topic in after.topics.items():
        if topic.id in before.topics_by_id and (everything or Resource(ResourceKind.TOPIC, name) in others):
            yield name
