"""Records: the golden bytes of the format, and every way in which a byte can be wrong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordwood.model.raftlog_errors import ChecksumMismatch, IncompleteRecord, InvalidRecord
from cordwood.raftlog.codecs import PLAIN, TEXTS
from cordwood.raftlog.records import (
    Append,
    Commit,
    PurgeUpto,
    RaftLogState,
    RecordCodec,
    SaveVote,
    State,
    TruncateAfter,
)

CODEC = RecordCodec(TEXTS)
ONE, TWO = bytes(7) + b"\1", bytes(7) + b"\2"

# The record, type and payload as the format draws them, and the checksum's lower half as it is known.
GOLDEN = [
    (SaveVote((1, 2)), b"\0\0\0\0" + ONE + TWO, "f6a0eee2"),
    (Append((1, 2), "hello"), b"\0\0\0\1" + ONE + TWO + b"\0\0\0\5hello", "a711c545"),
    (Commit((1, 2)), b"\0\0\0\2" + ONE + TWO, "229c7e25"),
    (TruncateAfter((1, 2)), b"\0\0\0\3\1" + ONE + TWO, "d551a6c5"),
    (PurgeUpto((1, 2)), b"\0\0\0\4" + ONE + TWO, "85a8c92d"),
    (
        State(RaftLogState((1, 2), (2, 3), (4, 5), (6, 7), "hello")),
        b"\0\0\0\5\1"
        + b"".join(
            b"\1" + first.to_bytes(8, "big") + second.to_bytes(8, "big")
            for first, second in ((1, 2), (2, 3), (4, 5), (6, 7))
        )
        + b"\1\0\0\0\5hello",
        "796a6f29",
    ),
]
KINDS = [type(record).__name__ for record, _, _ in GOLDEN]
EMPTY = [TruncateAfter(None), State(RaftLogState())]


def whole(body, checksum):
    return body + bytes(4) + bytes.fromhex(checksum)


@pytest.mark.parametrize(("record", "body", "checksum"), GOLDEN, ids=KINDS)
def test_golden_bytes(record, body, checksum):
    data = whole(body, checksum)
    assert CODEC.encode(record) == data
    assert CODEC.decode(memoryview(data), 0, len(data)) == (record, len(data))


@pytest.mark.parametrize("record", [record for record, _, _ in GOLDEN] + EMPTY)
def test_any_other_value_of_any_byte_is_refused(record):
    data = CODEC.encode(record)
    for position in range(len(data)):
        for value in {(data[position] + 1) % 256, (data[position] - 1) % 256, data[position] ^ 0x80, 0, 255}:
            bad = bytearray(data)
            bad[position] = value
            if bad != data:
                with pytest.raises(InvalidRecord):
                    CODEC.decode(memoryview(bad), 0, len(bad))


@pytest.mark.parametrize("record", [record for record, _, _ in GOLDEN] + EMPTY)
def test_every_cut_is_an_unexpected_end(record):
    data = memoryview(CODEC.encode(record))
    for end in range(len(data)):
        with pytest.raises(IncompleteRecord):
            CODEC.decode(data, 0, end)


@pytest.mark.parametrize("record", [record for record, _, _ in GOLDEN] + EMPTY)
def test_entries_are_decoded_the_same_way(record):
    data = b"before" + CODEC.encode(record)
    entry = CODEC.decode_entry(memoryview(data), 6, len(data))
    assert entry == ((record.log_id, record.payload, len(data)) if isinstance(record, Append) else None)


def test_any_other_value_of_any_byte_of_an_entry_is_refused():
    data = CODEC.encode(Append((1, 2), "hello"))
    for position in range(4, len(data)):
        bad = bytearray(data)
        bad[position] = (bad[position] + 1) % 256
        with pytest.raises(InvalidRecord):
            CODEC.decode_entry(memoryview(bad), 0, len(bad))
    for end in range(4, len(data)):
        with pytest.raises(IncompleteRecord):
            CODEC.decode_entry(memoryview(data), 0, end)


def test_options_without_a_value():
    assert CODEC.encode(TruncateAfter(None))[:5] == b"\0\0\0\3\0"
    assert CODEC.encode(State(RaftLogState()))[:-8] == b"\0\0\0\5\1" + bytes(5)
    assert len(CODEC.encode(State(RaftLogState()))) == 18


def test_a_mismatch_tells_both_checksums():
    data = bytearray(CODEC.encode(Append((1, 2), "hello")))
    data[-1] ^= 1
    with pytest.raises(ChecksumMismatch, match="the checksum is a711c544, of the bytes a711c545") as raised:
        CODEC.decode(memoryview(data), 0, len(data))
    assert (raised.value.stored, raised.value.computed) == (0xA711C544, 0xA711C545)


def test_the_upper_half_of_the_checksum_counts():
    data = bytearray(CODEC.encode(Commit((1, 2))))
    data[-8] = 1
    with pytest.raises(ChecksumMismatch):
        CODEC.decode(memoryview(data), 0, len(data))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\0\0\0\6" + bytes(30), "no record type 6"),
        (b"\1\0\0\0" + bytes(30), "no record type 16777216"),
        (b"\0\0\0\3\2" + bytes(30), "an option begins with 2"),
        (b"\0\0\0\5\2" + bytes(30), "a state of version 2, this program knows 1"),
    ],
)
def test_what_no_record_begins_with_is_refused(data, reason):
    with pytest.raises(InvalidRecord, match=reason):
        CODEC.decode(memoryview(data), 0, len(data))


numbers = st.integers(0, (1 << 64) - 1)
pairs = st.tuples(numbers, numbers)
states = st.builds(RaftLogState, *[st.none() | pairs] * 4, st.none() | st.binary(max_size=20))
records = st.one_of(
    st.builds(SaveVote, pairs),
    st.builds(Append, pairs, st.binary(max_size=50)),
    st.builds(Commit, pairs),
    st.builds(TruncateAfter, st.none() | pairs),
    st.builds(PurgeUpto, pairs),
    st.builds(State, states),
)


@given(written=st.lists(records, max_size=6))
def test_records_end_to_end_are_read_back(written):
    codec = RecordCodec(PLAIN)
    data = memoryview(b"".join(map(codec.encode, written)))
    at, read = 0, []
    while at < len(data):
        record, at = codec.decode(data, at, len(data))
        read.append(record)
    assert read == written


@given(data=st.binary(max_size=80))
def test_rubbish_is_refused_in_our_own_words(data):
    with pytest.raises(InvalidRecord):
        CODEC.decode(memoryview(data), 0, len(data))
