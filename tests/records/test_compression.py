"""What holds for every codec: the round trip, the bound, damage, and that a bomb costs no memory."""

from __future__ import annotations

import contextlib
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordwood.model.errors import DecompressedTooLarge, InvalidBatch
from cordwood.records.batch import Codec
from cordwood.records.compression import compress, decompress
from tests.records.strategies import mutations

REAL = [codec for codec in Codec if codec != Codec.NONE]
TEXT = b"the quick brown fox " * 500

contents = st.binary(max_size=300) | st.builds(
    lambda piece, times: piece * times, st.binary(max_size=9), st.integers(0, 9000)
)


@given(st.sampled_from(Codec), contents)
def test_round_trip(codec, data):
    assert decompress(codec, compress(codec, data), len(data)) == data


@pytest.mark.parametrize("codec", Codec)
@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_any_buffer(codec, kind):
    compressed = compress(codec, kind(TEXT))
    assert type(compressed) is bytes
    assert decompress(codec, kind(compressed), len(TEXT)) == TEXT


@pytest.mark.parametrize("codec", REAL)
def test_the_limit_is_exact(codec):
    compressed = compress(codec, TEXT)
    assert decompress(codec, compressed, len(TEXT)) == TEXT
    for limit in (len(TEXT) - 1, 1, 0):
        with pytest.raises(DecompressedTooLarge) as raised:
            decompress(codec, compressed, limit)
        assert raised.value.limit_bytes == limit
    assert decompress(codec, compress(codec, b""), 0) == b""


@pytest.mark.parametrize("codec", [Codec.GZIP, Codec.LZ4, Codec.ZSTD])
def test_levels(codec):
    assert decompress(codec, compress(codec, TEXT, 1), len(TEXT)) == TEXT
    assert decompress(codec, compress(codec, TEXT, 9), len(TEXT)) == TEXT
    with pytest.raises(ValueError, match="no level 999"):
        compress(codec, TEXT, 999)


@pytest.mark.parametrize("codec", [Codec.GZIP, Codec.LZ4, Codec.ZSTD])
def test_several_members_or_frames(codec):
    data = compress(codec, TEXT) + compress(codec, b"") + compress(codec, b"end")
    assert decompress(codec, data, 1 << 20) == TEXT + b"end"
    with pytest.raises(DecompressedTooLarge):
        decompress(codec, data, len(TEXT) + 2)


@pytest.mark.parametrize("codec", REAL)
def test_an_early_end(codec):
    compressed = compress(codec, TEXT)
    for size in [*range(1, 16), *range(17, len(compressed), 7)]:
        with pytest.raises(InvalidBatch):
            decompress(codec, compressed[:size], 1 << 20)


@pytest.mark.parametrize("codec", REAL)
def test_nothing_is_not_compressed_data(codec):
    with pytest.raises(InvalidBatch):
        decompress(codec, b"", 1 << 20)


@pytest.mark.parametrize("codec", [Codec.GZIP, Codec.LZ4, Codec.ZSTD])
def test_rubbish_behind_the_data(codec):
    with pytest.raises(InvalidBatch):
        decompress(codec, compress(codec, TEXT) + b"rubbish, and more of it", 1 << 20)


@given(st.sampled_from(REAL).flatmap(lambda codec: st.tuples(st.just(codec), mutations(compress(codec, TEXT)))))
def test_damage_raises_nothing_else(drawn):
    codec, data = drawn
    with contextlib.suppress(InvalidBatch):
        assert len(decompress(codec, data, 1 << 16)) <= 1 << 16


@pytest.mark.parametrize("codec", REAL)
def test_a_bomb_costs_no_memory(codec):
    bomb = compress(codec, bytes(32 << 20))
    tracemalloc.start()
    try:
        with pytest.raises(DecompressedTooLarge):
            decompress(codec, bomb, 1 << 20)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 5 << 20


@pytest.mark.parametrize("codec", REAL)
def test_several_threads_at_once(codec):
    compressed = compress(codec, TEXT * 20)
    with ThreadPoolExecutor(4) as threads:
        results = list(threads.map(lambda _: decompress(codec, compressed, 1 << 20), range(40)))
    assert results == [TEXT * 20] * 40
