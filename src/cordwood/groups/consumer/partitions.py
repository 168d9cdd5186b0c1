"""Sets of partitions, by topic id, as members have them.

Lives here: the type, and the ways to and from "partitions of each topic". Must not live here: who has them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TypeAlias

from cordwood.model.ids import TopicId

IdPartition: TypeAlias = tuple[TopicId, int]
"""One partition. A plain tuple, because sets of thousands of them are hashed in every rebalance."""

Partitions: TypeAlias = frozenset[IdPartition]

NO_PARTITIONS: Final[Partitions] = frozenset()


def flatten(by_topic: Iterable[tuple[TopicId, Iterable[int]]]) -> Partitions:
    """The set of what is given topic by topic."""
    return frozenset((topic_id, index) for topic_id, indexes in by_topic for index in indexes)


def by_topic(partitions: Iterable[IdPartition]) -> dict[TopicId, list[int]]:
    """The partitions of each topic, topics and partitions in ascending order."""
    found: dict[TopicId, list[int]] = {}
    for topic_id, index in sorted(partitions):
        found.setdefault(topic_id, []).append(index)
    return found
