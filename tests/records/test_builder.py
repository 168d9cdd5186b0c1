"""The builders: what `build_batch` puts into a batch, and that the short roads make the same bytes."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordwood.model.errors import InvalidBatch, RecordTooLarge
from cordwood.records import builder
from cordwood.records.batch import Codec, check_batch, check_stored_batch
from cordwood.records.builder import build_batch, build_one, build_values
from cordwood.records.reader import decode_batch
from cordwood.records.record import Record
from tests.records.strategies import fields, headers, record_lists, sizes

offsets = st.integers(0, 2**63 - 1 - 2**32)
epochs = st.integers(-1, 2**31 - 1)


@given(record_lists(), st.sampled_from(Codec))
def test_a_client_may_produce_what_is_built(records, codec):
    batch = build_batch(records, codec=codec)
    header = check_batch(batch)
    assert header.codec == codec
    assert header.record_count == len(records)
    assert header.base_timestamp == records[0].timestamp_ms
    assert header.max_timestamp == max(record.timestamp_ms for record in records)
    assert decode_batch(batch) == records


def test_fields_of_a_producer():
    records = [Record(90, 5), Record(80, 4)]
    batch = build_batch(
        records,
        base_offset=7,
        leader_epoch=2,
        producer_id=11,
        producer_epoch=3,
        base_sequence=40,
        transactional=True,
    )
    header = check_stored_batch(batch)
    assert (header.base_offset, header.leader_epoch) == (7, 2)
    assert (header.producer_id, header.producer_epoch, header.base_sequence) == (11, 3, 40)
    assert header.is_transactional
    assert not header.is_control
    assert [record.offset for record in decode_batch(batch)] == [7, 8]


@given(fields, st.none() | fields, headers, st.integers(-1, 2**62), offsets, epochs)
def test_one_record_by_the_short_road(value, key, names, timestamp_ms, base_offset, leader_epoch):
    expected = build_batch(
        [Record(0, timestamp_ms, key, value, names)], base_offset=base_offset, leader_epoch=leader_epoch
    )
    assert build_one(value, key, names, timestamp_ms, base_offset, leader_epoch) == expected


values = st.lists(st.binary(max_size=30), min_size=1, max_size=80) | st.builds(
    lambda size, count: [bytes([n % 256]) * size for n in range(count)], sizes, st.sampled_from([1, 2, 63, 64, 65, 200])
)


@given(values, st.integers(-1, 2**62), offsets, epochs)
def test_values_by_the_short_road(values, timestamp_ms, base_offset, leader_epoch):
    expected = build_batch(
        [Record(0, timestamp_ms, None, value) for value in values], base_offset=base_offset, leader_epoch=leader_epoch
    )
    assert build_values(values, timestamp_ms, base_offset, leader_epoch) == expected


def test_more_values_than_prefixes_are_remembered():
    values = [b"x"] * 9000
    assert build_values(values, 5, 0, 0) == build_batch([Record(0, 5, None, b"x")] * 9000, leader_epoch=0)


def test_nothing_is_no_batch():
    with pytest.raises(InvalidBatch, match="at least one record"):
        build_batch([])
    with pytest.raises(InvalidBatch, match="at least one record"):
        build_values([], 0, 0, 0)


def test_text_is_not_taken_for_bytes():
    with pytest.raises(TypeError):
        build_values(["a", "b"], 0, 0, 0)  # type: ignore[list-item]
    with pytest.raises(TypeError):
        build_one("a", None, (), 0, 0, 0)  # type: ignore[arg-type]


def test_a_batch_beyond_all_limits(monkeypatch):
    monkeypatch.setattr(builder, "_LENGTH_LIMIT", 1000)
    for build in (
        lambda: build_one(bytes(1000), None, (), 0, 0, 0),
        lambda: build_values([bytes(500)] * 2, 0, 0, 0),
        lambda: build_batch([Record(0, 0, bytes(1000))]),
    ):
        with pytest.raises(RecordTooLarge):
            build()


def test_a_timestamp_that_does_not_fit():
    with pytest.raises(struct.error):
        build_one(b"", None, (), 2**63, 0, 0)
