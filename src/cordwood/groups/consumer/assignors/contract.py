"""What an assignor is given and what it gives back.

Lives here: that contract. Must not live here: an assignor.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeAlias

from cordwood.groups.consumer.partitions import NO_PARTITIONS, Partitions
from cordwood.model.ids import TopicId


class Subscriber(NamedTuple):
    """A member as assignors see it."""

    topics: frozenset[TopicId]
    """All that it subscribes to, by name or by regular expression; topics that do not exist are passed over."""
    target: Partitions = NO_PARTITIONS
    """What it was to have until now."""
    instance_id: str | None = None


Subscribers: TypeAlias = Mapping[str, Subscriber]
"""Members by id."""

PartitionCounts: TypeAlias = Mapping[TopicId, int]
"""The topics that exist."""

Assignor: TypeAlias = Callable[[Subscribers, PartitionCounts], dict[str, Partitions]]
"""Gives every member its partitions: each partition of a topic that somebody subscribes to goes to one subscriber."""
