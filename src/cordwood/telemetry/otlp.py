"""What clients push: MetricsData of OpenTelemetry, in protobuf, perhaps compressed.

Lives here: decompressing and reading it, with bounds, into plain points. Must not live here: what points are called in
Prometheus (`exposition`). It may take tens of milliseconds: a background thread's work.

Gauges and sums are read, which is all that clients of Kafka send. Points of histograms and summaries are counted and
skipped, and so are points without a value, and those whose name or attributes are too long to be shown. A name that many
points share is looked at once, so that a small push cannot make much work.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import IntEnum
from functools import cache
from typing import TYPE_CHECKING, Final

import msgspec

from cordwood.model.errors import DecompressedTooLarge, InvalidBatch
from cordwood.model.limits import (
    TELEMETRY_GROUPS_LIMIT,
    TELEMETRY_LABELS_LIMIT_BYTES,
    TELEMETRY_NAME_LIMIT,
    TELEMETRY_POINTS_LIMIT,
)
from cordwood.model.telemetry_errors import InvalidTelemetry, TelemetryTooLarge
from cordwood.records.batch import Codec
from cordwood.records.compression import decompress

if TYPE_CHECKING:
    from opentelemetry.proto.common.v1.common_pb2 import KeyValue
    from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric, MetricsData

Attributes = tuple[tuple[str, str], ...]

DELTA: Final = 1
"""AggregationTemporality: the value is what came since the last push."""
NO_VALUE: Final = 1
"""DataPointFlags: the point says that there is no value."""


class Kind(IntEnum):
    """How the values of a metric are to be taken."""

    GAUGE = 0
    SUM = 1
    """May fall."""
    COUNTER = 2
    """Never falls."""


class Point(msgspec.Struct, frozen=True, gc=False):
    """One value of one metric."""

    name: str
    kind: Kind
    is_delta: bool
    value: float
    attributes: Attributes
    """Those of what sends, then those of the point itself."""


class Reading(msgspec.Struct):
    """What a push held."""

    points: list[Point] = []
    skipped: int = 0
    """How many points there were that are not kept."""


def read(codec: Codec, payload: bytes, limit_bytes: int) -> Reading:
    """The points of a push. Raises TelemetryTooLarge or InvalidTelemetry."""
    try:
        data = decompress(codec, payload, limit_bytes)
    except DecompressedTooLarge as error:
        raise TelemetryTooLarge(limit_bytes) from error
    except InvalidBatch as error:
        raise InvalidTelemetry(error.reason) from error
    decode_error, metrics_data = _protobuf()
    try:
        message = metrics_data.FromString(data)
    except decode_error as error:
        raise InvalidTelemetry("it is not protobuf of that schema") from error
    reading = Reading()
    for attributes, metric in _metrics(message):
        _read_metric(metric, attributes, reading)
    return reading


def _metrics(message: MetricsData) -> Iterator[tuple[Attributes | None, Metric]]:
    """Every metric, with the attributes of what it was measured on. Raises InvalidTelemetry when there are too many."""
    left = TELEMETRY_GROUPS_LIMIT
    for resource in message.resource_metrics:
        attributes = _attributes(resource.resource.attributes)
        left -= 1
        for scope in resource.scope_metrics:
            left -= 1 + len(scope.metrics)
            if left < 0:
                break
            for metric in scope.metrics:
                yield attributes, metric
        if left < 0:
            raise InvalidTelemetry(f"there are more than {TELEMETRY_GROUPS_LIMIT} resources, scopes and metrics")


def _read_metric(metric: Metric, attributes: Attributes | None, reading: Reading) -> None:
    shape = metric.WhichOneof("data")
    if shape is None:
        return
    points = getattr(metric, shape).data_points
    if shape not in ("gauge", "sum") or attributes is None or len(metric.name) > TELEMETRY_NAME_LIMIT:
        reading.skipped += len(points)
        return
    kind, is_delta = Kind.GAUGE, False
    if shape == "sum":
        kind = Kind.COUNTER if metric.sum.is_monotonic else Kind.SUM
        is_delta = metric.sum.aggregation_temporality == DELTA
    room = max(0, TELEMETRY_POINTS_LIMIT - len(reading.points))
    reading.skipped += max(0, len(points) - room)
    for point in points[:room]:
        field = point.WhichOneof("value")
        own = _attributes(point.attributes)
        if field is None or own is None or point.flags & NO_VALUE:
            reading.skipped += 1
        else:
            value = float(getattr(point, field))
            reading.points.append(Point(metric.name, kind, is_delta, value, attributes + own))


def _attributes(pairs: Iterable[KeyValue]) -> Attributes | None:
    """Those that are a text, a number or a truth value; None if they are too long to be labels.

    Lists, maps and bytes make no label.
    """
    found = []
    room = TELEMETRY_LABELS_LIMIT_BYTES
    for pair in pairs:
        match pair.value.WhichOneof("value"):
            case "string_value":
                value = pair.value.string_value
            case "bool_value":
                value = "true" if pair.value.bool_value else "false"
            case "int_value" | "double_value" as field:
                value = str(getattr(pair.value, field))
            case _:
                continue
        # Quotes, an equals sign and a comma come with each.
        room -= len(pair.key) + len(value) + 4
        if room < 0:
            return None
        found.append((pair.key, value))
    return tuple(found)


@cache
def _protobuf() -> tuple[type[Exception], type[MetricsData]]:
    # It takes 18 ms and 4 MB to load, and most brokers are never sent metrics.
    from google.protobuf.message import DecodeError
    from opentelemetry.proto.metrics.v1.metrics_pb2 import MetricsData

    return DecodeError, MetricsData
