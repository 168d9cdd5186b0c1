"""Records of internal topics: types and versions in front, and what cannot be read."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordwood.model.errors import ProtocolError
from cordwood.wire.stored.codec import GROUP_RECORDS, TRANSACTION_RECORDS, UnknownRecordType
from cordwood.wire.stored.consumer_groups import ConsumerGroupMetadataKey, ConsumerGroupRegularExpressionKey
from cordwood.wire.stored.group_offsets import OffsetCommitKey, OffsetCommitValue
from cordwood.wire.stored.transactions import TransactionLogKey
from tests.wire.samples import DIFFERENTIAL, messages, title
from tests.wire.stored.objects import CLASSIC_GROUPS, CONSUMER_GROUPS, GROUP_OFFSETS, TRANSACTIONS

KEY = GROUP_RECORDS.encode_key(OffsetCommitKey("g", "t", 3))
GROUPS = GROUP_OFFSETS + CLASSIC_GROUPS + CONSUMER_GROUPS
OWNERS = {type(value): (GROUP_RECORDS, type(key)) for key, value in zip(GROUPS[::2], GROUPS[1::2], strict=True)}
OWNERS |= {type(value): (TRANSACTION_RECORDS, type(key)) for key, value in [TRANSACTIONS]}
PAIRS = [(cls, version) for cls in OWNERS for version in range(cls.versions.first, cls.versions.last + 1)]


def test_the_type_stands_in_front_of_the_key():
    assert struct.pack(">hh1sh1si", 1, 1, b"g", 1, b"t", 3) == KEY
    assert GROUP_RECORDS.encode_key(ConsumerGroupMetadataKey("g"))[:2] == b"\x00\x03"
    assert GROUP_RECORDS.encode_key(ConsumerGroupRegularExpressionKey("g", "x"))[:2] == b"\x00\x10"
    assert TRANSACTION_RECORDS.encode_key(TransactionLogKey("x"))[:2] == b"\x00\x00"


def test_the_version_stands_in_front_of_the_value():
    for version in range(5):
        assert struct.unpack_from(">hq", GROUP_RECORDS.encode_value(OffsetCommitValue(9), version)) == (version, 9)


def test_no_value_is_a_tombstone():
    assert GROUP_RECORDS.decode(KEY, None) == (OffsetCommitKey("g", "t", 3), None)


def test_offsets_of_the_oldest_type_are_read():
    value = OffsetCommitValue(offset=5, metadata="m", commit_timestamp=7)
    read = GROUP_RECORDS.decode(b"\x00\x00" + KEY[2:], GROUP_RECORDS.encode_value(value, 0))
    assert read == (OffsetCommitKey("g", "t", 3), value)


@pytest.mark.parametrize("record_type", [-1, 9, 15, 17, 300])
def test_a_type_of_others_can_be_passed_over(record_type):
    with pytest.raises(UnknownRecordType) as caught:
        GROUP_RECORDS.decode(struct.pack(">h", record_type) + b"anything", b"")
    assert caught.value.record_type == record_type


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        (b"", None, "a key of 0 bytes is too short"),
        (b"\x00", None, "a key of 1 bytes is too short"),
        (KEY, b"\x00", "a value of 1 bytes is too short"),
        (KEY, b"\x00\x05", "OffsetCommitValue has versions 0-4, not 5"),
        (KEY, b"\xff\xff", "OffsetCommitValue has versions 0-4, not -1"),
        (KEY[:-1], None, "OffsetCommitKey version 0 ends before its last field"),
        (KEY, b"\x00\x03\x00", "OffsetCommitValue version 3 ends before its last field"),
    ],
)
def test_what_is_no_record_is_refused(key, value, words):
    with pytest.raises(ProtocolError, match=words):
        GROUP_RECORDS.decode(key, value)


@pytest.mark.parametrize(("value_class", "version"), PAIRS, ids=title)
def test_what_was_written_is_read_and_noise_is_refused(value_class, version):
    codec, key_class = OWNERS[value_class]

    @DIFFERENTIAL
    @given(messages(key_class, 0), messages(value_class, version), st.binary(max_size=40), st.data())
    def check(key, value, noise, data):
        key_bytes, value_bytes = codec.encode_key(key), codec.encode_value(value, version)
        assert codec.decode(key_bytes, value_bytes) == (key, value)
        assert codec.decode(memoryview(key_bytes), memoryview(value_bytes + noise)) == (key, value)
        cut = data.draw(st.integers(0, len(value_bytes) - 1))
        for bad in (value_bytes[:cut], value_bytes[:cut] + noise, noise):
            try:
                codec.decode(key_bytes, bad)
                codec.decode(bad, value_bytes)
            except ProtocolError:
                pass

    check()
