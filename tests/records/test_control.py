"""Commit and abort markers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordwood.model.errors import InvalidBatch
from cordwood.records.batch import check_batch, check_stored_batch, parse_header
from cordwood.records.control import MARKER_SIZE_BYTES, Marker, MarkerType, build_marker, marker_of, parse_marker
from cordwood.records.reader import decode_batch
from cordwood.records.record import Record


@given(st.sampled_from(MarkerType), st.integers(-1, 2**31 - 1))
def test_round_trip(kind, coordinator_epoch):
    marker = Marker(kind, coordinator_epoch)
    batch = build_marker(marker, producer_id=9, producer_epoch=2, timestamp_ms=77, base_offset=5, leader_epoch=1)
    header = check_stored_batch(batch)
    assert header.is_control
    assert header.is_transactional
    assert (header.producer_id, header.producer_epoch, header.base_sequence) == (9, 2, -1)
    assert (header.base_offset, header.record_count, header.max_timestamp) == (5, 1, 77)
    assert [parse_marker(record) for record in decode_batch(batch)] == [marker]


def test_known_bytes():
    batch = build_marker(Marker(MarkerType.COMMIT, 3), producer_id=9, producer_epoch=2, timestamp_ms=77)
    record = decode_batch(batch)[0]
    assert (record.key, record.value) == (bytes([0, 0, 0, 1]), bytes([0, 0, 0, 0, 0, 3]))
    abort = decode_batch(build_marker(Marker(MarkerType.ABORT, 0), producer_id=9, producer_epoch=2, timestamp_ms=0))[0]
    assert abort.key == bytes(4)


def test_no_client_may_write_one():
    batch = build_marker(Marker(MarkerType.COMMIT, 3), producer_id=9, producer_epoch=2, timestamp_ms=77)
    with pytest.raises(InvalidBatch, match="control"):
        check_batch(batch)
    assert check_batch(batch, allow_control=True).producer_id == 9


def test_control_records_of_other_types_end_no_transaction():
    assert parse_marker(Record(0, 0, bytes([0, 0, 0, 2]), b"")) is None


def test_newer_versions_may_add_fields():
    record = Record(0, 0, bytes([0, 1, 0, 1]) + b"more", bytes([0, 1, 0, 0, 0, 4]) + b"more")
    assert parse_marker(record) == Marker(MarkerType.COMMIT, 4)


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        (None, None, "key of 0 bytes"),
        (b"\0\0\0", bytes(6), "key of 3 bytes"),
        (bytes(4), None, "value of 0 bytes"),
        (bytes(4), bytes(5), "value of 5 bytes"),
        (b"\xff\xff\0\0", bytes(6), "versions -1 and 0"),
    ],
)
def test_damaged_markers(key, value, reason):
    with pytest.raises(InvalidBatch, match=reason):
        parse_marker(Record(0, 0, key, value))


def test_a_marker_has_one_size():
    for kind in MarkerType:
        batch = build_marker(Marker(kind, 1 << 30), producer_id=1 << 60, producer_epoch=9, timestamp_ms=1 << 50)
        assert len(batch) == MARKER_SIZE_BYTES


def test_a_stored_batch_says_what_it_ends():
    batch = build_marker(Marker(MarkerType.ABORT, 3), producer_id=1, producer_epoch=0, timestamp_ms=5)
    assert marker_of(batch, parse_header(batch)) == Marker(MarkerType.ABORT, 3)
