"""The records of a batch by columns, against the decoder."""

from __future__ import annotations

from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cordwood.log.compaction import columns as module
from cordwood.log.compaction.columns import Columns, columns, latest_delta
from cordwood.log.compaction.offset_map import known_as
from cordwood.model.errors import InvalidBatch
from cordwood.records.batch import HEADER_SIZE, parse_header
from cordwood.records.builder import build_batch
from cordwood.records.reader import decode_batch
from cordwood.records.record import Record

TIMES = st.one_of(st.integers(0, 70), st.integers(-(1 << 40), 1 << 40))
KEYS = st.one_of(st.none(), st.binary(max_size=4), st.sampled_from([63, 64, 65, 9000]).map(bytes))
VALUES = st.one_of(st.none(), st.binary(max_size=3), st.sampled_from([60, 64, 8200]).map(bytes))
HEADERS = st.sampled_from([(), (("h", b"1"),), (("h", None), ("i", b""))])
RECORDS = st.builds(Record, st.just(0), TIMES, KEYS, VALUES, HEADERS)


def read(data):
    """A whole batch by columns."""
    header = parse_header(data)
    return list(columns(data[HEADER_SIZE:], header)), header


def check(data):
    """Both ways agree, and the pieces follow each other."""
    pieces, header = read(data)
    records = decode_batch(data)
    keys = [key for piece in pieces for key in piece.keys]
    assert keys == [None if record.key is None else known_as(record.key) for record in records]
    assert [offset for piece in pieces for offset in piece.offsets(header.base_offset)] == [r.offset for r in records]
    deltas = [time >> 1 ^ -(time & 1) for piece in pieces for time in piece.times]
    assert [header.base_timestamp + delta for delta in deltas] == [record.timestamp_ms for record in records]
    index = 0
    position = 0
    for piece in pieces:
        assert piece.starts[0] == position
        position = piece.starts[-1]
        count = len(piece.keys)
        assert len(piece.deltas) == len(piece.times) == len(piece.starts) - 1 == count
        tombstones = {at for at, record in enumerate(records[index : index + count]) if record.value is None}
        assert set(piece.tombstones) == tombstones
        assert piece.keyless == (None in piece.keys)
        index += count
    return pieces


@given(st.lists(RECORDS, min_size=1, max_size=40))
def test_records_of_any_shape(records):
    check(build_batch(records, base_offset=1000))


@settings(max_examples=50)
@given(
    st.integers(1, 200),
    st.integers(0, 3),
    st.sampled_from([None, 0, 3, 63, 64, 200]),
    st.sampled_from([None, 0, 20, 200]),
    st.lists(RECORDS, max_size=3),
)
def test_records_of_one_shape(count, first, key_size, value_size, others):
    records = [
        Record(
            0,
            50 + number % 10,
            None if key_size is None else (b"%d" % number).ljust(key_size, b".")[:key_size],
            None if value_size is None else bytes(value_size),
        )
        for number in range(count)
    ]
    check(build_batch([*others[:first], *records, *others[first:]]))


def test_a_run_is_read_in_few_pieces():
    records = [Record(0, 1000, b"k%05d" % number, b"v" * 80) for number in range(6000)]
    pieces = check(build_batch(records))
    assert [len(piece.keys) for piece in pieces] == [64, 4096, 1840]
    assert all(isinstance(piece.deltas, range) for piece in pieces)


def test_a_run_with_gaps_between_its_offsets():
    """What compaction has left of a batch."""
    records = [Record(0, 1000, b"k%05d" % number, b"v") for number in range(1000)]
    data = bytearray(build_batch(records))
    pieces = check(bytes(data))
    starts = [start for piece in pieces for start in piece.starts[:-1]] + [pieces[-1].starts[-1]]
    body = data[HEADER_SIZE:]
    kept = [number for number in range(1000) if number % 3]
    thinned = b"".join(body[starts[number] : starts[number + 1]] for number in kept)
    data[57:61] = len(kept).to_bytes(4, "big")
    header = parse_header(data)
    found = list(columns(bytes(thinned), header))
    assert [delta for piece in found for delta in piece.deltas] == kept
    assert len(found) < 5


def test_tombstones_in_a_run():
    records = [Record(0, 1000, b"k%03d" % number, None, (("h", b""),)) for number in range(30)]
    records += [Record(0, 1000, b"k%03d" % number, b"") for number in range(30)]
    check(build_batch(records))


def test_long_runs_come_in_pieces():
    records = [Record(0, 1000, b"k%d" % number, b"v" * (number % 7)) for number in range(3000)]
    assert max(len(piece.keys) for piece in check(build_batch(records))) <= module.PIECE_RECORDS


@pytest.mark.parametrize("size", [1, 5, 30])
def test_records_that_end_early_or_late(size):
    data = build_batch([Record(0, 1000, b"k%d" % number, b"v" * number) for number in range(40)])
    with pytest.raises(InvalidBatch):
        read(data[:-size])
    with pytest.raises(InvalidBatch, match="follow"):
        read(data + bytes(size))


@given(st.data())
@settings(max_examples=200)
def test_damage_is_found_or_harmless(data):
    """Whatever the bytes are: columns, or InvalidBatch."""
    batch = bytearray(build_batch(data.draw(st.lists(RECORDS, min_size=1, max_size=30))))
    for _ in range(data.draw(st.integers(1, 3))):
        batch[data.draw(st.integers(HEADER_SIZE, len(batch) - 1))] = data.draw(st.integers(0, 255))
    try:
        pieces, header = read(bytes(batch))
    except InvalidBatch:
        return
    assert sum(len(piece.keys) for piece in pieces) == header.record_count
    assert pieces[-1].starts[-1] == len(batch) - HEADER_SIZE


def test_an_offset_beyond_the_batch_is_refused():
    data = bytearray(build_batch([Record(0, 1000, b"k", b"v")] * 3))
    data[23:27] = (1).to_bytes(4, "big")
    with pytest.raises(InvalidBatch, match="offset delta 2"):
        read(bytes(data))


def test_the_latest_of_some_times():
    assert latest_delta([0]) == 0
    assert latest_delta([2, 9, 4]) == 2
    assert latest_delta([1, 3, 5]) == -1
    assert latest_delta(b"\x06\x02") == 3


def test_both_ways_give_the_same():
    records = [Record(0, 1000 + number % 3, b"k%03d" % number, b"v") for number in range(300)]
    data = build_batch(records)
    with mock.patch.object(module, "UNIFORM_RECORDS_MIN", 1 << 30):
        slowly = check(data)
    quickly = check(data)

    def flat(pieces: list[Columns], name: str) -> list[object]:
        return [one for piece in pieces for one in getattr(piece, name)]

    for name in ("keys", "deltas", "times"):
        assert flat(quickly, name) == flat(slowly, name)
