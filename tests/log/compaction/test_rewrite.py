"""The new bytes of a batch, read by the decoder of every reader."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordwood.log.compaction.columns import PIECE_RECORDS, columns, latest_delta
from cordwood.log.compaction.filtering import uncompressed
from cordwood.log.compaction.rewrite import Kept, emptied, rewritten
from cordwood.records.batch import Codec, check_stored_batch, parse_header, stamp_append_time
from cordwood.records.builder import build_batch
from cordwood.records.reader import decode_batch
from cordwood.records.record import Record

RECORDS = st.lists(
    st.builds(
        Record,
        st.just(0),
        st.integers(0, 1 << 41),
        st.binary(max_size=3),
        st.one_of(st.none(), st.binary(max_size=100)),
        st.sampled_from([(), (("h", b"1"),)]),
    ),
    min_size=1,
    max_size=12,
)


def keep(data, wanted, horizon_ms=None):
    """The batch with the records at the offsets `wanted`."""
    header = parse_header(data)
    kept = Kept(uncompressed(header, memoryview(data), 1 << 20))
    for piece in columns(kept.data, header):
        for index, offset in enumerate(piece.offsets(header.base_offset)):
            if offset in wanted:
                kept.add(piece.starts[index], piece.starts[index + 1], 1)
                kept.note_times(latest_delta(piece.times[index : index + 1]))
    return rewritten(header, kept, horizon_ms, lambda: None)


def built(records, codec=Codec.NONE, **options):
    return build_batch(records, base_offset=100, leader_epoch=4, codec=codec, **options)


SAME = ("base_offset", "leader_epoch", "last_offset_delta", "producer_id", "producer_epoch", "base_sequence", "codec")


@given(RECORDS, st.sampled_from(Codec), st.one_of(st.none(), st.integers(0, 1 << 42)), st.data())
def test_what_stays_is_read_as_before(records, codec, horizon_ms, data):
    batch = built(records, codec, producer_id=9, producer_epoch=2, base_sequence=5)
    before = decode_batch(batch)
    wanted = data.draw(st.sets(st.sampled_from([record.offset for record in before]), min_size=1))
    after = keep(batch, wanted, horizon_ms)
    header = check_stored_batch(after)
    assert decode_batch(after) == [record for record in before if record.offset in wanted]
    assert [getattr(header, name) for name in SAME] == [getattr(parse_header(batch), name) for name in SAME]
    assert header.record_count == len(wanted)
    latest = max(record.timestamp_ms for record in before if record.offset in wanted)
    assert header.max_timestamp == header.latest_timestamp == latest
    assert header.has_delete_horizon == (horizon_ms is not None)
    if horizon_ms is not None:
        assert header.base_timestamp == horizon_ms


@given(RECORDS)
def test_a_horizon_survives_a_second_rewrite(records):
    batch = keep(built(records), set(range(100, 200)), 1 << 43)
    again = keep(batch, {100})
    header = check_stored_batch(again)
    assert header.has_delete_horizon
    assert header.base_timestamp == 1 << 43
    assert decode_batch(again) == decode_batch(batch)[:1]
    assert header.latest_timestamp == decode_batch(batch)[0].timestamp_ms


def test_the_base_timestamp_is_never_later_than_what_stays():
    batch = built([Record(0, 5000, b"a", b""), Record(0, 4000, b"b", b""), Record(0, 4500, b"c", b"")])
    after = keep(batch, {101, 102})
    assert parse_header(after).latest_timestamp == 4500
    assert [record.timestamp_ms for record in decode_batch(after)] == [4000, 4500]


def test_the_time_of_an_append_stays():
    batch = bytearray(built([Record(0, 5000, b"a", b""), Record(0, 4000, b"b", None)], Codec.LZ4))
    stamp_append_time(batch, 0, 9000)
    for after in (keep(bytes(batch), {101}), keep(bytes(batch), {101}, 1 << 43)):
        header = check_stored_batch(after)
        assert header.is_log_append_time
        assert header.max_timestamp == 9000
        assert [record.timestamp_ms for record in decode_batch(after)] == [9000]


@pytest.mark.parametrize("codec", Codec)
def test_an_emptied_batch_remembers_its_end_and_its_producer(codec):
    batch = built([Record(0, 5000, b"a", b"v")] * 3, codec, producer_id=9, producer_epoch=2, base_sequence=5)
    for source in (batch, keep(batch, {100}, 1 << 43)):
        after = emptied(parse_header(source))
        header = check_stored_batch(after)
        assert len(after) == header.size_bytes == 61
        assert (header.record_count, header.last_offset, header.last_sequence) == (0, 102, 7)
        assert (header.codec, header.has_delete_horizon) == (Codec.NONE, False)
        assert header.latest_timestamp == -1
        assert decode_batch(after) == []
        assert (header.leader_epoch, header.producer_id, header.producer_epoch) == (4, 9, 2)


def test_transactions_stay_transactions():
    batch = built([Record(0, 1, b"a", b"")] * 2, transactional=True, producer_id=1, producer_epoch=0, base_sequence=0)
    assert parse_header(keep(batch, {100})).is_transactional
    assert parse_header(emptied(parse_header(batch))).is_transactional


def test_long_rewrites_breathe():
    count = 3 * PIECE_RECORDS
    batch = built([Record(0, number, b"k%d" % number, None) for number in range(count)])
    header = parse_header(batch)
    kept = Kept(uncompressed(header, memoryview(batch), 1 << 20))
    kept.add(0, len(kept.data), count)
    kept.note_times(count - 1)
    breaths = []
    after = rewritten(header, kept, 1 << 42, lambda: breaths.append(1))
    assert len(breaths) == 3
    assert decode_batch(after) == decode_batch(batch)
