"""The bounds that other people's formats fix are what those formats say; the rest is asserted where it stands."""

from __future__ import annotations

import struct

from cordwood.model import limits

# base offset, length, leader epoch, magic, crc, attributes, last offset delta, base and max timestamp, producer id and
# epoch, base sequence, record count
KAFKA_BATCH_HEADER = struct.Struct(">qiibIhiqqqhii")


def test_the_batch_header_is_kafkas():
    assert KAFKA_BATCH_HEADER.size == limits.BATCH_HEADER_SIZE_BYTES


def test_the_index_costs_a_fifth_of_a_percent():
    assert struct.calcsize("<QQ") == limits.INDEX_ENTRY_SIZE_BYTES
    assert round(limits.INDEX_ENTRY_SIZE_BYTES / limits.INDEX_INTERVAL_BYTES * 100, 1) == 0.2


def test_kafkas_numbers():
    assert limits.TOPIC_NAME_LENGTH_LIMIT == 249
    assert limits.PRODUCER_BATCH_WINDOW == 5


def test_an_offset_fits_the_wire_and_a_file_name():
    assert struct.pack(">q", limits.OFFSET_LIMIT - 1)
    assert len(str(limits.OFFSET_LIMIT)) <= 20


def test_a_length_on_the_wire_can_say_the_largest_batch():
    assert limits.BATCH_SIZE_LIMIT_BYTES < 1 << 31
