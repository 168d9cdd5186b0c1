"""A topic gets the batches it wants, and their records are the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordwood.model.errors import CorruptBatch, DecompressedTooLarge, InvalidRecords
from cordwood.records.batch import Codec, check_batch
from cordwood.records.builder import build_batch
from cordwood.records.conform import Demands, conform
from cordwood.records.reader import decode_batch
from cordwood.records.record import Record

records = st.lists(
    st.builds(
        Record,
        offset=st.just(0),
        timestamp_ms=st.integers(0, 2**40),
        key=st.none() | st.binary(max_size=20),
        value=st.none() | st.binary(max_size=200),
    ),
    min_size=1,
    max_size=20,
)


@given(records, st.sampled_from(Codec), st.sampled_from(Codec))
def test_another_codec_has_the_same_records(some: list[Record], source: Codec, target: Codec) -> None:
    batch = build_batch(some, codec=source, producer_id=7, producer_epoch=1, base_sequence=3)
    made = conform(batch, Demands(codec=target))
    header = check_batch(made)
    assert header.codec == target
    before = check_batch(batch)
    assert (header.producer_id, header.producer_epoch, header.base_sequence) == (7, 1, 3)
    assert (header.base_timestamp, header.max_timestamp) == (before.base_timestamp, before.max_timestamp)
    assert decode_batch(made) == decode_batch(batch)


def test_what_fits_is_not_touched() -> None:
    batch = build_batch([Record(0, 1, b"k", b"v")], codec=Codec.LZ4)
    for demands in (Demands(), Demands(codec=Codec.LZ4), Demands(keyed=True)):
        assert conform(batch, demands) is batch


@pytest.mark.parametrize("codec", Codec)
def test_records_without_a_key_are_named(codec: Codec) -> None:
    some = [Record(0, 1, key, b"v") for key in (b"a", None, b"", None)]
    with pytest.raises(InvalidRecords) as caught:
        conform(build_batch(some, codec=codec), Demands(keyed=True))
    assert caught.value.indexes == (1, 3)


def test_a_level_is_used() -> None:
    batch = build_batch([Record(0, 1, b"k", bytes(range(256)) * 400)])
    fast = conform(batch, Demands(codec=Codec.GZIP, level=1))
    best = conform(batch, Demands(codec=Codec.GZIP, level=9))
    assert len(best) < len(fast) < len(batch)


def test_bombs_and_damage_are_refused() -> None:
    batch = build_batch([Record(0, 1, b"k", bytes(1_000_000))], codec=Codec.ZSTD)
    with pytest.raises(DecompressedTooLarge):
        conform(batch, Demands(codec=Codec.NONE), limit_bytes=10_000)
    with pytest.raises(DecompressedTooLarge):
        conform(batch, Demands(keyed=True), limit_bytes=10_000)
    damaged = bytearray(batch)
    damaged[-1] ^= 1
    with pytest.raises(CorruptBatch):
        conform(damaged, Demands())
