"""The end of the last chunk: torn, or damaged."""

from __future__ import annotations

import pytest

from cordwood.model.errors import CorruptLog
from cordwood.model.raftlog_errors import InvalidRecord
from cordwood.raftlog.codecs import PLAIN
from cordwood.raftlog.records import Append, RaftLogState, RecordCodec, SaveVote, State
from cordwood.raftlog.tail import PAGE_BYTES, find_record, judge_tail

CODEC = RecordCodec(PLAIN)
HEAD = CODEC.encode(State(RaftLogState()))


def entry(index, payload=b"payload"):
    """The bytes of an entry."""
    return CODEC.encode(Append((1, index), payload))


def bad_place(view):
    """Where the first bad record begins, and what is wrong with it."""
    at = 0
    while at < len(view):
        try:
            _, at = CODEC.decode(view, at, len(view))
        except InvalidRecord as error:
            return at, error
    raise AssertionError("nothing is wrong with it")


def judge(data):
    """The judgement of the first bad place: None for torn, the reason for damage."""
    at, error = bad_place(memoryview(data))
    try:
        judge_tail(CODEC, "chunk", memoryview(data), at, error)
    except CorruptLog as corrupt:
        return corrupt.reason if (corrupt.path, corrupt.position) == ("chunk", at) else f"at the wrong place: {corrupt}"
    return None


@pytest.mark.parametrize("left", range(1, len(entry(1))))
def test_a_record_that_ends_too_early_is_torn(left):
    assert judge(HEAD + entry(0) + entry(1)[:left]) is None


@pytest.mark.parametrize("zeros", [1, 3, 4, 27, 28, 29, 511, 512, 513, 4096, 33 * 1024])
def test_zeros_to_the_end_are_torn(zeros):
    assert judge(HEAD + entry(0) + bytes(zeros)) is None


def test_a_wrong_byte_in_the_last_record_is_damage():
    good = HEAD + entry(0) + entry(1)
    for position in range(len(HEAD + entry(0)) + 24, len(good)):
        bad = bytearray(good)
        bad[position] ^= 1
        reason = judge(bad)
        assert reason is not None
        assert "the checksum is" in reason


def test_a_wrong_byte_before_valid_records_is_damage_whatever_it_is():
    good = HEAD + entry(0) + entry(1) + entry(2)
    for position in range(len(HEAD), len(good) - 2 * len(entry(1))):
        for flipped in (1, 0x40, 0x80):
            bad = bytearray(good)
            bad[position] ^= flipped
            reason = judge(bad)
            assert reason is not None
            assert f"a valid record follows at byte {len(HEAD + entry(0))}" in reason


def test_a_length_beyond_the_end_is_damage_if_valid_records_follow():
    bad = bytearray(HEAD + entry(0) + entry(1) + entry(2))
    bad[len(HEAD) + 20] = 0x7F
    reason = judge(bad)
    assert reason is not None
    assert "bytes are left of" in reason
    assert "a valid record follows" in reason


@pytest.mark.parametrize("lost", [PAGE_BYTES, 2 * PAGE_BYTES])
def test_a_page_that_never_reached_the_device_is_torn_whatever_follows(lost):
    data = bytearray(HEAD + b"".join(entry(index, b"x" * 90) for index in range(200)))
    data[PAGE_BYTES : PAGE_BYTES + lost] = bytes(lost)
    assert judge(data) is None


def test_a_page_of_which_only_the_first_sectors_reached_the_device_is_torn():
    data = bytearray(HEAD + b"".join(entry(index, b"x" * 90) for index in range(200)))
    data[PAGE_BYTES + 3 * 512 : 2 * PAGE_BYTES] = bytes(5 * 512)
    assert judge(data) is None


def test_zeros_inside_of_a_page_are_damage_if_valid_records_follow():
    data = bytearray(HEAD + b"".join(entry(index, b"x" * 90) for index in range(100)))
    data[PAGE_BYTES + 512 : PAGE_BYTES + 1024] = bytes(512)
    reason = judge(data)
    assert reason is not None
    assert "a valid record follows" in reason


def test_a_cut_of_which_only_some_sectors_are_found_is_torn():
    """The sectors behind the cut are zeros in part; then comes what was there before, and that was torn."""
    torn = entry(0, b"x" * 6000)[:5000]
    assert judge(HEAD + bytes(2048 - len(HEAD)) + torn[2048:]) is None


@pytest.mark.parametrize("left", [1, 2, 3])
def test_zeros_that_a_type_has_anyway_prove_nothing(left):
    """A damaged record that begins right before the end of a page, and valid ones behind it."""
    filling = entry(0, b"x" * (PAGE_BYTES - left - len(HEAD) - len(entry(0, b""))))
    data = bytearray(HEAD + filling + entry(1) + entry(2))
    assert data[PAGE_BYTES - left : PAGE_BYTES] == bytes(left)
    data[PAGE_BYTES + 20] ^= 1
    reason = judge(data)
    assert reason is not None
    assert "a valid record follows" in reason


def test_the_end_of_a_checksum_in_a_sector_of_its_own_may_be_torn():
    for left in (1, 2, 3):
        filling = entry(0, b"x" * (1024 + left - len(HEAD) - 2 * len(entry(0, b""))))
        data = bytearray(HEAD + filling + entry(1, b""))
        assert len(data) == 1024 + left
        data[1024:] = bytes(left)
        assert judge(data) is None


def test_the_first_valid_record_is_found():
    rubbish = bytes(range(1, 200))
    for first in (entry(7), CODEC.encode(SaveVote((1, 2))), CODEC.encode(State(RaftLogState()))):
        view = memoryview(rubbish + first + entry(8))
        assert find_record(CODEC, view, 0) == len(rubbish)
        assert find_record(CODEC, view, len(rubbish) + 1) == len(rubbish + first)
    assert find_record(CODEC, memoryview(rubbish), 0) is None


@pytest.mark.parametrize("zeros", [1, 7, 30, 100, 5000])
def test_a_record_behind_zeros_is_found(zeros):
    view = memoryview(b"\1" + bytes(zeros) + entry(7))
    assert find_record(CODEC, view, 0) == 1 + zeros


def test_a_large_piece_of_zeros_is_passed_over():
    tried = []

    class Counting(RecordCodec):
        def decode(self, data, at, end):
            tried.append(at)
            return super().decode(data, at, end)

    assert find_record(Counting(PLAIN), memoryview(bytes(1 << 20)), 0) is None
    assert len(tried) < 100
