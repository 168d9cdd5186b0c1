"""The header: what it says, what is refused, and the two ways in which a broker writes into a batch."""

from __future__ import annotations

import contextlib
import mmap
import os
import subprocess
import sys
from pathlib import Path

import pytest
from crc32c import crc32c
from hypothesis import given
from hypothesis import strategies as st

import cordwood.records
from cordwood.model.errors import CorruptBatch, InvalidBatch, UnsupportedCompression
from cordwood.records.batch import (
    CONTROL,
    CRC_START,
    DELETE_HORIZON,
    HEADER_SIZE,
    LOG_APPEND_TIME,
    TRANSACTIONAL,
    BatchHeader,
    Codec,
    batches,
    check_batch,
    check_stored_batch,
    find_batch,
    is_transactional,
    parse_header,
    stamp,
    stamp_append_time,
    whole_batch_length,
)
from cordwood.records.builder import build_batch
from cordwood.records.reader import decode_batch
from cordwood.records.record import Record
from tests.records.strategies import mutations

RECORDS = [Record(0, 1000, b"k", b"v"), Record(1, 1003, None, b"w"), Record(2, 1001, b"k", None)]
BATCH = build_batch(RECORDS)

# Where each field stands: position and size.
FIELDS = {
    "base_offset": (0, 8),
    "length": (8, 4),
    "leader_epoch": (12, 4),
    "magic": (16, 1),
    "attributes": (21, 2),
    "last_offset_delta": (23, 4),
    "base_timestamp": (27, 8),
    "max_timestamp": (35, 8),
    "producer_id": (43, 8),
    "producer_epoch": (51, 2),
    "base_sequence": (53, 4),
    "record_count": (57, 4),
}


def changed(**numbers: int) -> bytearray:
    """The batch with other numbers in its header, and a CRC that is right again."""
    data = bytearray(BATCH)
    for name, number in numbers.items():
        position, size = FIELDS[name]
        data[position : position + size] = number.to_bytes(size, "big", signed=True)
    data[17:21] = crc32c(data[CRC_START:]).to_bytes(4, "big")
    return data


def test_fields_stand_where_the_drawing_says():
    numbers = {name: index + 100 for index, name in enumerate(FIELDS)}
    header = parse_header(b"--" + changed(**numbers), 2)
    assert {name: getattr(header, name) for name in FIELDS} == numbers
    assert header.crc == crc32c(changed(**numbers)[CRC_START:])


def test_what_follows_from_the_fields():
    header = parse_header(changed(base_offset=50, base_sequence=7))
    assert header.size_bytes == len(BATCH)
    assert (header.last_offset, header.next_offset) == (52, 53)
    assert header.last_sequence == 9
    assert parse_header(BATCH).last_sequence == -1
    assert parse_header(changed(base_sequence=2**31 - 2)).last_sequence == 0


@pytest.mark.parametrize(
    ("bit", "name"),
    [
        (LOG_APPEND_TIME, "is_log_append_time"),
        (TRANSACTIONAL, "is_transactional"),
        (CONTROL, "is_control"),
        (DELETE_HORIZON, "has_delete_horizon"),
    ],
)
def test_bits(bit, name):
    assert not getattr(parse_header(BATCH), name)
    assert getattr(parse_header(changed(attributes=bit)), name)


def test_codec():
    assert [parse_header(changed(attributes=number)).codec for number in range(5)] == list(Codec)
    with pytest.raises(UnsupportedCompression, match="codec 6"):
        _ = parse_header(changed(attributes=6)).codec


@pytest.mark.parametrize(
    ("attributes", "base", "maximum", "latest"),
    [
        (0, 1000, 1003, 1003),
        (0, 1000, -1, 1000),  # sarama
        (LOG_APPEND_TIME, 1000, 900, 900),
        (DELETE_HORIZON, 5000, 900, 900),
    ],
)
def test_latest_timestamp(attributes, base, maximum, latest):
    header = parse_header(changed(attributes=attributes, base_timestamp=base, max_timestamp=maximum))
    assert header.latest_timestamp == latest


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_a_good_batch_passes(kind):
    assert check_batch(kind(BATCH)) == parse_header(BATCH) == check_stored_batch(kind(BATCH))


@pytest.mark.parametrize(
    ("batch", "error", "reason"),
    [
        (b"", InvalidBatch, "0 bytes are fewer than the 61"),
        (BATCH[:60], InvalidBatch, "60 bytes are fewer"),
        (bytes(8) + b"\0\0\0\x16" + bytes(4) + b"\1" + bytes(9), InvalidBatch, "message format v1"),
        (changed(magic=0), InvalidBatch, "message format v0"),
        (changed(magic=3), InvalidBatch, "magic 3"),
        (BATCH[:-1], InvalidBatch, f"cut short: {len(BATCH) - 1} of {len(BATCH)} bytes"),
        (BATCH + BATCH, InvalidBatch, f"{len(BATCH)} bytes follow the one batch"),
        (changed(length=10), InvalidBatch, "length 10 is shorter"),
        (changed(length=-5), InvalidBatch, "length -5 is shorter"),
        (BATCH[:-1] + b"\1", CorruptBatch, "CRC"),
        (changed(base_offset=9), InvalidBatch, "base offset of a produced batch is 0, not 9"),
        (changed(record_count=0, last_offset_delta=-1), InvalidBatch, "counts 0"),
        (changed(record_count=-3), InvalidBatch, "counts -3"),
        (changed(last_offset_delta=3), InvalidBatch, "delta is 3 with 3 records"),
        (changed(last_offset_delta=-2), InvalidBatch, "delta is -2"),
        (changed(attributes=5), UnsupportedCompression, "codec 5"),
        (changed(attributes=7), UnsupportedCompression, "codec 7"),
        (changed(attributes=CONTROL), InvalidBatch, "control"),
        (changed(producer_id=5, producer_epoch=0), InvalidBatch, "producer 5 sent sequence -1"),
    ],
)
def test_what_a_client_may_not_produce(batch, error, reason):
    with pytest.raises(InvalidBatch, match=reason) as raised:
        check_batch(batch)
    assert type(raised.value) is error


@pytest.mark.parametrize(
    "numbers",
    [
        {"max_timestamp": -1},
        {"base_timestamp": -1, "max_timestamp": -1},
        {"max_timestamp": 0},
        {"attributes": LOG_APPEND_TIME},
        {"attributes": 0x100},
        {"leader_epoch": 0},
        {"leader_epoch": -1},
        {"producer_id": 5, "producer_epoch": 0, "base_sequence": 0},
        {"producer_id": 5, "producer_epoch": 1, "base_sequence": 2**31 - 1, "attributes": TRANSACTIONAL},
        {"producer_id": -1, "producer_epoch": -1, "base_sequence": -1},
    ],
)
def test_what_real_clients_produce_passes(numbers):
    assert check_batch(changed(**numbers)).record_count == 3


def test_control_passes_where_it_is_allowed():
    marker = changed(attributes=CONTROL | TRANSACTIONAL, producer_id=5, producer_epoch=0)
    assert check_batch(marker, allow_control=True).is_control


@pytest.mark.parametrize(
    "numbers",
    [
        {"base_offset": 1 << 40, "leader_epoch": 7},
        {"last_offset_delta": 9},
        {"record_count": 0, "last_offset_delta": 9},
        {"attributes": CONTROL | TRANSACTIONAL},
    ],
)
def test_what_a_store_may_hold(numbers):
    stored = changed(**numbers)
    assert check_stored_batch(b"xyz" + stored + b"more", 3) == parse_header(stored)
    assert whole_batch_length(b"xyz" + stored + b"more", 3) == len(BATCH)


@pytest.mark.parametrize(
    ("batch", "error", "reason"),
    [
        (BATCH[:60], InvalidBatch, "60 bytes are left"),
        (changed(magic=1), InvalidBatch, "format v1"),
        (changed(length=48), InvalidBatch, "length 48 is out of range"),
        (changed(length=2**31 - 1), InvalidBatch, "out of range"),
        (BATCH[:-1], InvalidBatch, "cut short"),
        (BATCH[:-1] + b"\1", CorruptBatch, "CRC"),
        (changed(base_offset=-1), InvalidBatch, "base offset is -1"),
        (changed(last_offset_delta=1), InvalidBatch, "3 records in 2 offsets"),
        (changed(record_count=-1), InvalidBatch, "-1 records"),
        (changed(record_count=0, last_offset_delta=-1), InvalidBatch, "0 records in 0 offsets"),
    ],
)
def test_what_a_store_may_not_hold(batch, error, reason):
    with pytest.raises(InvalidBatch, match=reason) as raised:
        check_stored_batch(batch)
    assert type(raised.value) is error
    assert whole_batch_length(batch) is None


@given(st.binary(max_size=200) | mutations(BATCH))
def test_rubbish_raises_nothing_else(data):
    for check in (check_batch, check_stored_batch, lambda d: list(batches(d))):
        with contextlib.suppress(InvalidBatch):
            check(data)


@given(st.integers(CRC_START, len(BATCH) - 1), st.integers(1, 255))
def test_every_damaged_byte_is_found(position, difference):
    data = bytearray(BATCH)
    data[position] ^= difference
    with pytest.raises(CorruptBatch):
        check_batch(data)


def test_batches_of_a_buffer():
    second = changed(base_offset=3)
    found = list(batches(BATCH + second + BATCH[:70]))
    assert [header.base_offset for header, _ in found] == [0, 3]
    assert [bytes(view) for _, view in found] == [BATCH, bytes(second)]
    assert not list(batches(b""))
    assert not list(batches(BATCH[:30]))


def test_batches_of_rubbish():
    with pytest.raises(InvalidBatch, match="length 3"):
        list(batches(changed(length=3)))
    with pytest.raises(InvalidBatch, match="magic 9"):
        list(batches(BATCH + changed(magic=9)))


@given(st.integers(0, 2**63 - 1), st.integers(-1, 2**31 - 1), st.integers(0, 9))
def test_stamp(base_offset, leader_epoch, position):
    data = bytearray(position) + bytearray(BATCH)
    stamp(data, position, base_offset, leader_epoch)
    assert data[:position] == bytes(position)
    assert bytes(data[position:]) == build_batch(RECORDS, base_offset=base_offset, leader_epoch=leader_epoch)
    assert check_stored_batch(data, position).base_offset == base_offset


def test_stamp_append_time():
    data = bytearray(b"--") + bytearray(BATCH) + bytearray(b"--")
    header = stamp_append_time(data, 2, 5000)
    assert header == check_stored_batch(data, 2)
    assert (header.is_log_append_time, header.max_timestamp, header.base_timestamp) == (True, 5000, 1000)
    assert {record.timestamp_ms for record in decode_batch(memoryview(data)[2:-2])} == {5000}
    assert data.startswith(b"--")
    assert data.endswith(b"--")


def slow_find(data: bytes, start: int, end: int, min_offset: int) -> int | None:
    """What `find_batch` does, without its regular expression."""
    for position in range(start, end):
        if whole_batch_length(data, position) and parse_header(data, position).base_offset >= min_offset:
            return position
    return None


@given(
    st.lists(
        st.sampled_from([b"\0", b"\2", b"\0\0\0\2", BATCH[:40], BATCH[20:], BATCH, bytes(changed(base_offset=9))])
    ),
    st.integers(0, 30),
    st.integers(0, 400),
    st.integers(0, 10),
)
def test_find_batch(pieces, start, end, min_offset):
    data = b"".join(pieces)
    assert find_batch(data, start, end, min_offset=min_offset) == slow_find(data, start, end, min_offset)


def test_find_batch_in_a_map():
    with mmap.mmap(-1, 4096) as data:
        data[100 : 100 + len(BATCH)] = BATCH
        assert find_batch(data, 0) == 100
        assert find_batch(data, 101) is None
        assert check_stored_batch(data, 100) == parse_header(BATCH)
        assert parse_header(data, 100) == parse_header(BATCH)


def test_large_batches_are_found():
    large = build_batch([Record(0, 0, None, bytes(1 << 25))], base_offset=1 << 55)
    assert find_batch(b"\0" * 77 + large, 0) == 77


def test_headers_are_values():
    assert parse_header(BATCH) == BatchHeader(
        **{name: getattr(parse_header(BATCH), name) for name in BatchHeader.__struct_fields__}
    )
    assert HEADER_SIZE == 61
    with pytest.raises(AttributeError):
        parse_header(BATCH).magic = 1  # type: ignore[misc]


def test_no_codec_is_loaded_to_move_batches():
    code = (
        "import sys, cordwood.records.reader, cordwood.records.builder, cordwood.records.control; print(*sys.modules)"
    )
    environment = os.environ | {"PYTHONPATH": str(Path(cordwood.records.__file__).parents[2])}
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, env=environment)
    assert "cordwood.records.batch" in run.stdout.split()
    assert not {"zstandard", "lz4", "cramjam"} & set(run.stdout.split())


def test_a_batch_says_whether_it_is_part_of_a_transaction():
    sent = build_batch(RECORDS, producer_id=7, producer_epoch=0, base_sequence=0, transactional=True)
    assert is_transactional(memoryview(sent))
    assert not is_transactional(memoryview(BATCH))
    assert not is_transactional(memoryview(b"short"))
