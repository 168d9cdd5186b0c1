"""Reading what clients push, whatever it is."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.metrics.v1.metrics_pb2 import (
    Histogram,
    HistogramDataPoint,
    Metric,
    NumberDataPoint,
)

from cordwood.model.limits import TELEMETRY_GROUPS_LIMIT, TELEMETRY_NAME_LIMIT, TELEMETRY_POINTS_LIMIT
from cordwood.model.telemetry_errors import InvalidTelemetry, TelemetryTooLarge
from cordwood.records.batch import Codec
from cordwood.records.compression import compress
from cordwood.telemetry.otlp import Kind, Point, Reading, read
from tests.telemetry.pushes import CUMULATIVE, counter, gauge, point, push

MIB = 1 << 20


def reading(payload: bytes, codec: Codec = Codec.NONE) -> Reading:
    return read(codec, payload, MIB)


def test_gauges_and_sums_are_read():
    payload = push(
        gauge("g", point(1.5), point(2, node_id="1", ok=True, n=7, f=0.5)),
        counter("c", point(3)),
        counter("t", point(4), temporality=CUMULATIVE),
        counter("s", point(-1.0), is_monotonic=False),
        group_id="orders",
    )
    of = ("group_id", "orders")
    assert reading(payload) == Reading(
        [
            Point("g", Kind.GAUGE, False, 1.5, (of,)),
            Point("g", Kind.GAUGE, False, 2.0, (of, ("node_id", "1"), ("ok", "true"), ("n", "7"), ("f", "0.5"))),
            Point("c", Kind.COUNTER, True, 3.0, (of,)),
            Point("t", Kind.COUNTER, False, 4.0, (of,)),
            Point("s", Kind.SUM, True, -1.0, (of,)),
        ]
    )


def test_what_is_no_single_value_is_counted_and_skipped():
    histogram = Metric(name="h", histogram=Histogram(data_points=[HistogramDataPoint(count=3), HistogramDataPoint()]))
    absent = gauge("g", point(None), NumberDataPoint(as_double=1.0, flags=1))
    assert reading(push(histogram, absent, Metric(name="empty"))) == Reading([], 4)


def test_attributes_that_are_no_text_make_no_label():
    assert reading(push(gauge("g", point(1, raw=b"\0", text="x")))).points[0].attributes == (("text", "x"),)


@pytest.mark.parametrize("codec", [Codec.NONE, Codec.GZIP, Codec.SNAPPY, Codec.LZ4, Codec.ZSTD])
def test_every_codec_is_read(codec: Codec):
    payload = push(gauge("g", point(1.0)))
    assert len(reading(compress(codec, payload), codec).points) == 1


@pytest.mark.parametrize("codec", [Codec.GZIP, Codec.SNAPPY, Codec.LZ4, Codec.ZSTD])
def test_a_small_push_that_decompresses_to_a_large_one_is_too_large(codec: Codec):
    with pytest.raises(TelemetryTooLarge):
        reading(compress(codec, bytes(MIB + 1)), codec)
    with pytest.raises(InvalidTelemetry):
        reading(b"\xff\xff\xff\xff\xff", codec)


def test_what_is_no_protobuf_is_refused():
    with pytest.raises(InvalidTelemetry):
        reading(b"\x0a\xff")


def test_names_and_attributes_too_long_to_be_shown_are_skipped():
    long = "x" * (TELEMETRY_NAME_LIMIT + 1)
    points = [point(1.0), point(2.0)]
    assert reading(push(gauge(long, *points))) == Reading([], 2)
    assert reading(push(gauge("g", *points), huge="x" * 2000)) == Reading([], 2)
    assert reading(push(gauge("g", points[0], point(2.0, huge="x" * 2000)))).skipped == 1


def test_no_more_values_are_looked_at_than_the_limit():
    found = reading(push(gauge("g", *[point(1.0)] * (TELEMETRY_POINTS_LIMIT + 3))))
    assert (len(found.points), found.skipped) == (TELEMETRY_POINTS_LIMIT, 3)


@pytest.mark.parametrize(
    "payload",
    [
        b"\x0a\x00" * (TELEMETRY_GROUPS_LIMIT + 1),
        push(*[gauge("g")] * (TELEMETRY_GROUPS_LIMIT + 1)),
    ],
)
def test_a_push_of_countless_empty_things_is_refused(payload: bytes):
    with pytest.raises(InvalidTelemetry, match=str(TELEMETRY_GROUPS_LIMIT)):
        reading(payload)


def test_values_within_values_without_end_are_refused():
    def field(number: int, content: bytes) -> bytes:
        length = len(content)
        return bytes([number << 3 | 2, length & 127 | 128, length >> 7]) + content

    value = b""
    for _ in range(200):
        value = field(5, field(1, value))
    attribute = field(1, b"k") + field(2, value)
    with pytest.raises(InvalidTelemetry):
        reading(field(1, field(1, field(1, attribute))))


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200), st.sampled_from(list(Codec)))
def test_any_bytes_are_read_or_refused(payload: bytes, codec: Codec):
    try:
        reading(payload, codec)
    except (InvalidTelemetry, TelemetryTooLarge):
        return


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_damage_is_read_or_refused(data: st.DataObject):
    payload = bytearray(push(counter("c", point(3, topic="t")), gauge("g", point(1.5)), group_id="orders"))
    at = data.draw(st.integers(0, len(payload) - 1))
    payload[at] = data.draw(st.integers(0, 255))
    try:
        reading(bytes(payload))
    except InvalidTelemetry:
        return
