"""What clients push, in few words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.metrics.v1.metrics_pb2 import (
    AggregationTemporality,
    Gauge,
    Metric,
    MetricsData,
    NumberDataPoint,
    ResourceMetrics,
    ScopeMetrics,
    Sum,
)
from opentelemetry.proto.resource.v1.resource_pb2 import Resource

DELTA = AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA
CUMULATIVE = AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE


def attributes(values: Mapping[str, Any]) -> list[KeyValue]:
    fields = {str: "string_value", bool: "bool_value", int: "int_value", float: "double_value", bytes: "bytes_value"}
    return [KeyValue(key=key, value=AnyValue(**{fields[type(value)]: value})) for key, value in values.items()]


def point(value: float | None, **labels: Any) -> NumberDataPoint:
    made = NumberDataPoint(attributes=attributes(labels))
    if isinstance(value, int):
        made.as_int = value
    elif value is not None:
        made.as_double = value
    return made


def gauge(name: str, *points: NumberDataPoint) -> Metric:
    return Metric(name=name, gauge=Gauge(data_points=points))


def counter(name: str, *points: NumberDataPoint, temporality: Any = DELTA, is_monotonic: bool = True) -> Metric:
    summed = Sum(data_points=points, aggregation_temporality=temporality, is_monotonic=is_monotonic)
    return Metric(name=name, sum=summed)


def push(*metrics: Metric, **resource: Any) -> bytes:
    scopes = [ScopeMetrics(metrics=metrics)]
    of = ResourceMetrics(resource=Resource(attributes=attributes(resource)), scope_metrics=scopes)
    return MetricsData(resource_metrics=[of]).SerializeToString()
