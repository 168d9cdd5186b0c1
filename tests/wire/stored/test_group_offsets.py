"""Committed offsets, byte for byte as Kafka 4.3 stores them."""

from __future__ import annotations

import struct

import pytest

from cordwood.wire.compiler import decoder, encode_message
from cordwood.wire.frame import join
from cordwood.wire.stored.codec import GROUP_RECORDS
from cordwood.wire.stored.group_offsets import OffsetCommitValue
from tests.wire.stored.objects import as_of, cases, expected_titles, titles


@pytest.mark.parametrize(("one", "version", "wire"), cases("group-offsets"))
def test_bytes_are_those_of_kafka(one, version, wire):
    assert join(encode_message(one, version)) == wire
    assert decoder(type(one), version)(memoryview(wire), 0) == (as_of(one, version), len(wire))


def test_every_class_and_version_has_its_bytes():
    assert titles("group-offsets") == expected_titles("group-offsets")


def test_an_offset_of_the_first_version_expires():
    codec_bytes = GROUP_RECORDS.encode_value(OffsetCommitValue(offset=5, expire_timestamp=9), 1)
    assert codec_bytes == struct.pack(">hqhqq", 1, 5, 0, 0, 9)


def test_without_a_topic_id_nothing_is_tagged():
    assert GROUP_RECORDS.encode_value(OffsetCommitValue(offset=5), 4) == struct.pack(">hqibqb", 4, 5, -1, 1, 0, 0)
