"""What can be told of the groups of a broker at one time.

Lives here: the snapshot as a value. Must not live here: names of metrics (console).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from cordwood.coordinator.counts import GroupCounts
from cordwood.coordinator.lag import GroupLag
from cordwood.coordinator.shard_runner import ShardRunner
from cordwood.groups.shard import Shard


class GroupReport(NamedTuple):
    """Groups, counts since the start, and how the shards are."""

    groups: list[GroupLag]
    counts: GroupCounts
    shards: int
    shards_not_ready: int
    loaded_records: int
    longest_load_seconds: float


def report_of(groups: list[GroupLag], counts: GroupCounts, shards: Iterable[ShardRunner[Shard]]) -> GroupReport:
    """The report over these shards."""
    runners = list(shards)
    return GroupReport(
        groups,
        counts,
        len(runners),
        sum(1 for runner in runners if not runner.is_active),
        sum(runner.loaded_records for runner in runners),
        max((runner.load_seconds for runner in runners), default=0.0),
    )
