"""How far a group is behind: of each partition, and in sums.

      committed offset ────────── lag ──────────> end of the partition

Lives here: that arithmetic, and the rows it makes. Must not live here: asking (asking.py), tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from itertools import groupby
from typing import Any, NamedTuple, TypeAlias

from cordwood.cli.client.offsets import Place

Row: TypeAlias = "dict[str, Any]"


class By(StrEnum):
    """What a row of lag stands for."""

    GROUP = "group"
    TOPIC = "topic"
    PARTITION = "partition"


class PartitionLag(NamedTuple):
    """One partition of a group; None where nothing was committed, or the partition is not there any more."""

    group: str
    topic: str
    partition: int
    committed: int | None
    end: int | None

    @property
    def lag(self) -> int | None:
        """The offsets from the committed one to the end; Kafka's own tools count the same."""
        if self.committed is None or self.end is None:
            return None
        return max(0, self.end - self.committed)


def partition_lags(group: str, committed: Mapping[Place, int | None], ends: Mapping[Place, int]) -> list[PartitionLag]:
    """The partitions of a group, in order."""
    return [
        PartitionLag(group, *place, committed=offset, end=ends.get(place))
        for place, offset in sorted(committed.items(), key=lambda item: item[0])
    ]


def total_lag(lags: Iterable[PartitionLag]) -> int | None:
    """The sum of what is known; None if nothing is."""
    known = [one.lag for one in lags if one.lag is not None]
    return sum(known) if known else None


def lag_rows(groups: Sequence[str], lags: Sequence[PartitionLag], by: By) -> list[Row]:
    """Rows of one kind; `lags` are those of the groups, in order of group, topic and partition."""
    match by:
        case By.PARTITION:
            return [partition_row(one) for one in lags]
        case By.TOPIC:
            return [_topic_row(list(ones)) for _, ones in groupby(lags, lambda one: (one.group, one.topic))]
        case By.GROUP:
            by_group = {group: list(ones) for group, ones in groupby(lags, lambda one: one.group)}
            return [_group_row(group, by_group.get(group, [])) for group in groups]


def partition_row(one: PartitionLag) -> Row:
    """One partition."""
    return {**one._asdict(), "lag": one.lag}


def most_first(rows: Iterable[Row]) -> list[Row]:
    """The longest way to go first, what is unknown last."""
    return sorted(rows, key=lambda row: (row["lag"] is None, -(row["lag"] or 0)))


def _topic_row(lags: list[PartitionLag]) -> Row:
    return {"group": lags[0].group, "topic": lags[0].topic, "partitions": len(lags), "lag": total_lag(lags)}


def _group_row(group: str, lags: list[PartitionLag]) -> Row:
    topics = len({one.topic for one in lags})
    return {"group": group, "topics": topics, "partitions": len(lags), "lag": total_lag(lags)}
