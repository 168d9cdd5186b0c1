"""A whole batch to its records, for each codec and for damage."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordwood.model.errors import DecompressedTooLarge, InvalidBatch, UnsupportedCompression
from cordwood.records.batch import HEADER_SIZE, Codec, parse_header
from cordwood.records.builder import build_batch
from cordwood.records.reader import decode_batch
from cordwood.records.record import Record
from tests.records.strategies import mutations

RECORDS = [Record(n, 1000 + n, b"key-%d" % n, b"value " * n) for n in range(50)]
BATCHES = {codec: build_batch(RECORDS, codec=codec) for codec in Codec}


@pytest.mark.parametrize("codec", Codec)
def test_every_codec(codec):
    assert decode_batch(memoryview(BATCHES[codec])) == RECORDS
    assert decode_batch(BATCHES[codec], parse_header(BATCHES[codec])) == RECORDS


def test_the_header_that_is_handed_over_counts():
    stamped = build_batch(RECORDS, base_offset=100)
    assert decode_batch(BATCHES[Codec.NONE], parse_header(stamped))[0].offset == 100


def test_what_follows_the_batch_is_not_read():
    assert decode_batch(BATCHES[Codec.NONE] + b"more") == RECORDS


@pytest.mark.parametrize("codec", [codec for codec in Codec if codec != Codec.NONE])
def test_records_larger_than_the_limit(codec):
    size = len(BATCHES[Codec.NONE]) - HEADER_SIZE
    assert decode_batch(BATCHES[codec], limit_bytes=size) == RECORDS
    with pytest.raises(DecompressedTooLarge, match=str(size - 1)):
        decode_batch(BATCHES[codec], limit_bytes=size - 1)


def test_a_codec_that_does_not_exist():
    batch = bytearray(BATCHES[Codec.NONE])
    batch[22] = 5
    with pytest.raises(UnsupportedCompression):
        decode_batch(batch)


@given(st.sampled_from(Codec).flatmap(lambda codec: mutations(BATCHES[codec][HEADER_SIZE:]).map(lambda m: (codec, m))))
def test_damage_raises_nothing_else(drawn):
    codec, payload = drawn
    batch = BATCHES[codec][:HEADER_SIZE] + payload
    header = parse_header(batch)
    with contextlib.suppress(InvalidBatch):
        assert len(decode_batch(batch, header, limit_bytes=1 << 20)) == len(RECORDS)
