"""Offsets as a cluster knows them: where partitions start and end, and which offset a point is.

Lives here: asking by ListOffsets. Must not live here: what people write (`offset_spec`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple, TypeAlias

from confluent_kafka import OFFSET_INVALID, IsolationLevel, KafkaError, TopicPartition
from confluent_kafka.admin import OffsetSpec

from cordwood.cli.client.connecting import Cluster
from cordwood.cli.client.offset_spec import At, AtTime, BeforeEnd, End, Point, Start

Place: TypeAlias = "tuple[str, int]"
"""A partition: topic and number."""

SILENT_LEADER: Final = KafkaError(
    KafkaError._TRANSPORT,  # noqa: SLF001 - librdkafka's own names begin so.
    "the broker that leads it does not answer",
)
"""What is wrong where librdkafka gives no offset and no error."""


class Bounds(NamedTuple):
    """The first offset that is there, and the one behind the last."""

    start: int
    end: int


def list_offsets(
    kafka: Cluster, wanted: Mapping[Place, Any], *, is_committed: bool = False
) -> dict[Place, int | KafkaError]:
    """The offset of each partition that is wanted, by an OffsetSpec; -1 where a time has no record; an error where it cannot be known.

    `is_committed` ends partitions before transactions that are still open.
    """
    if not wanted:
        return {}
    level = IsolationLevel.READ_COMMITTED if is_committed else IsolationLevel.READ_UNCOMMITTED
    futures = kafka.admin.list_offsets(
        {TopicPartition(topic, partition): spec for (topic, partition), spec in wanted.items()},
        isolation_level=level,
        request_timeout=kafka.timeout_s,
    )
    return {
        (partition.topic, partition.partition): outcome if isinstance(outcome, KafkaError) else _told(outcome.offset)
        for partition, outcome in kafka.outcomes(futures)
    }


def _told(offset: int) -> int | KafkaError:
    return SILENT_LEADER if offset == OFFSET_INVALID else offset


def bounds(kafka: Cluster, places: Iterable[Place], *, is_committed: bool = False) -> dict[Place, Bounds | KafkaError]:
    """Where partitions start and end. Of those whose start cannot be told, the end is not asked for: it takes its time."""
    starts = list_offsets(kafka, dict.fromkeys(places, OffsetSpec.earliest()), is_committed=is_committed)
    told = [place for place, start in starts.items() if not isinstance(start, KafkaError)]
    ends = list_offsets(kafka, dict.fromkeys(told, OffsetSpec.latest()), is_committed=is_committed)
    return {place: _bounds(start, ends.get(place)) for place, start in starts.items()}


def _bounds(start: int | KafkaError, end: int | KafkaError | None) -> Bounds | KafkaError:
    if isinstance(start, KafkaError):
        return start
    assert end is not None, "the end is asked for where the start is known"
    return end if isinstance(end, KafkaError) else Bounds(start, end)


def resolve(
    kafka: Cluster, places: Iterable[Place], point: Point, *, is_committed: bool = False
) -> dict[Place, int | KafkaError]:
    """Which offset a point is in each partition. An offset that was written as a number stays what it is."""
    places = list(places)
    match point:
        case At(offset):
            return dict.fromkeys(places, offset)
        case Start():
            return list_offsets(kafka, dict.fromkeys(places, OffsetSpec.earliest()), is_committed=is_committed)
        case End():
            return list_offsets(kafka, dict.fromkeys(places, OffsetSpec.latest()), is_committed=is_committed)
        case AtTime(timestamp_ms):
            return _at_time(kafka, places, timestamp_ms, is_committed=is_committed)
        case BeforeEnd(distance):
            known = bounds(kafka, places, is_committed=is_committed)
            return {
                place: found if isinstance(found, KafkaError) else max(found.start, found.end - distance)
                for place, found in known.items()
            }


def _at_time(
    kafka: Cluster, places: list[Place], timestamp_ms: int, *, is_committed: bool
) -> dict[Place, int | KafkaError]:
    """The first offset at or after a time; the end, where there is none so late."""
    spec = OffsetSpec.for_timestamp(timestamp_ms)
    found = list_offsets(kafka, dict.fromkeys(places, spec), is_committed=is_committed)
    late = [place for place, offset in found.items() if offset == -1]
    return found | list_offsets(kafka, dict.fromkeys(late, OffsetSpec.latest()), is_committed=is_committed)
