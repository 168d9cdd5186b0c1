"""What can be told of the groups of a broker, and of its shards, at one time.

Lives here: the snapshots as values. Must not live here: names of metrics (console).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from cordwood.coordinator.counts import GroupCounts
from cordwood.coordinator.lag import GroupLag
from cordwood.coordinator.shard_kind import S
from cordwood.coordinator.shard_runner import ShardRunner


class ShardHealth(NamedTuple):
    """How the shards of one kind are."""

    shards: int
    not_ready: int
    """Those that load or have failed."""
    loaded_records: int
    longest_load_seconds: float


class GroupReport(NamedTuple):
    """Groups, counts since the start, and how the shards are."""

    groups: list[GroupLag]
    counts: GroupCounts
    health: ShardHealth


def health_of(shards: Iterable[ShardRunner[S]]) -> ShardHealth:
    """The health of these shards together."""
    runners = list(shards)
    return ShardHealth(
        len(runners),
        sum(1 for runner in runners if not runner.is_active),
        sum(runner.loaded_records for runner in runners),
        max((runner.load_seconds for runner in runners), default=0.0),
    )
