"""Records to bytes and back: known bytes, the round trip, and refusal of damage."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordwood.model.errors import InvalidBatch
from cordwood.records.batch import LOG_APPEND_TIME, BatchHeader
from cordwood.records.record import Record, decode_records, encode_record, encode_records
from tests.records.strategies import mutations, record_lists

RECORDS = [
    Record(0, 1000, b"k", b"v" * 100, (("h", b"1"), ("n", None))),
    Record(1, 1100, None, b"w" * 9000),
    Record(2, 990, b"q" * 200, None),
    Record(3, 1000, None, b""),
]


def header(
    count: int, *, base_offset: int = 0, attributes: int = 0, last_offset_delta: int | None = None
) -> BatchHeader:
    """A header as `decode_records` needs it: base timestamp 1000, maximum 7777."""
    delta = count - 1 if last_offset_delta is None else last_offset_delta
    return BatchHeader(base_offset, 0, 0, 2, 0, attributes, delta, 1000, 7777, -1, -1, -1, count)


def test_known_bytes():
    record = encode_record(3, -1, b"key", b"value", [("h", b"x"), ("n", None)])
    assert record.hex(" ") == "2a 00 01 06 06 6b 65 79 0a 76 61 6c 75 65 04 02 68 02 78 02 6e 01"
    assert encode_record(0, 0, None, None) == bytes([12, 0, 0, 0, 1, 1, 0])


@given(record_lists(min_size=0), st.integers(0, 1 << 50))
def test_round_trip(records, base_offset):
    payload = encode_records(records, 1000)
    placed = [Record(r.offset + base_offset, r.timestamp_ms, r.key, r.value, r.headers) for r in records]
    assert decode_records(header(len(records), base_offset=base_offset), payload) == placed
    assert payload == b"".join(
        encode_record(r.offset, r.timestamp_ms - 1000, r.key, r.value, r.headers) for r in records
    )


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_any_buffer_is_read(kind):
    assert decode_records(header(4), kind(encode_records(RECORDS, 1000))) == RECORDS


def test_fields_are_bytes_whatever_the_buffer_was():
    record = decode_records(header(4), bytearray(encode_records(RECORDS, 1000)))[0]
    assert (type(record.key), type(record.value), type(record.headers[0][1])) == (bytes, bytes, bytes)


def test_many_records():
    records = [Record(n, 1000 + n, b"%d" % n, b"x" * (n % 300)) for n in range(20_000)]
    assert decode_records(header(20_000), encode_records(records, 1000)) == records


def test_the_time_of_the_append_stands_for_all():
    found = decode_records(header(4, attributes=LOG_APPEND_TIME), encode_records(RECORDS, 1000))
    assert [record.timestamp_ms for record in found] == [7777] * 4
    assert [record.value for record in found] == [record.value for record in RECORDS]


def test_gaps_of_compaction():
    payload = encode_record(2, 0, b"a", b"1") + encode_record(7, 0, b"b", b"2")
    assert [r.offset for r in decode_records(header(2, base_offset=40, last_offset_delta=9), payload)] == [42, 47]
    assert decode_records(header(0, last_offset_delta=9), b"") == []


def test_header_names_that_are_not_utf8_come_out_as_they_went_in():
    payload = encode_record(0, 0, None, None, [("?", b"")]).replace(b"?", b"\xff")
    record = decode_records(header(1), payload)[0]
    assert encode_records([record], 1000) == payload


@pytest.mark.parametrize(
    ("payload", "count", "reason"),
    [
        (b"", 1, "end early"),
        (encode_records(RECORDS, 1000), 5, "end early"),
        (encode_records(RECORDS, 1000), 3, "bytes follow its 3 records"),
        (encode_records(RECORDS, 1000)[:-1], 4, "has 6 bytes where 5 are left"),
        (encode_record(0, 0, None, b"x") + b"\0", 1, "1 bytes follow its 1 records"),
        (b"\1" + bytes(9), 1, "negative"),
        (b"\x0e\0\0\0\x03\1\1\0", 1, "negative"),
        (b"\x0c\0\0\0\1\1\1", 1, "negative"),
        (b"\x0c\0\0\0\1\1\2", 1, "end early"),
        (b"\x0e\0\0\0\1\1\0\0", 1, "ends at byte 7, not 8"),
        (b"\xff\xff\xff\xff\xff\x0f", 1, "more than 5 bytes"),
        (b"\xfe\xff\xff\xff\x0f" + bytes(9), 1, "where 9 are left"),
        (b"\x20\0" + b"\xff" * 11 + bytes(4), 1, "more than 10 bytes"),
    ],
)
def test_malformed_records(payload, count, reason):
    with pytest.raises(InvalidBatch, match=reason):
        decode_records(header(count), payload)


@pytest.mark.parametrize("deltas", [(0, 2), (5, 5)])
def test_offsets_outside_the_batch(deltas):
    payload = b"".join(encode_record(delta, 0, None, b"x") for delta in deltas)
    with pytest.raises(InvalidBatch, match="have the offsets"):
        decode_records(header(2), payload)


@given(mutations(encode_records(RECORDS, 1000)) | st.binary(max_size=60), st.integers(0, 6))
def test_rubbish_raises_nothing_else(payload, count):
    with contextlib.suppress(InvalidBatch):
        assert len(decode_records(header(count), payload)) == count


def test_records_are_values():
    assert Record(1, 2) == Record(1, 2, None, None, ())
    assert len({Record(1, 2, b"k"), Record(1, 2, b"k"), Record(1, 3, b"k")}) == 2
    with pytest.raises(AttributeError):
        Record(1, 2).offset = 3  # type: ignore[misc]
