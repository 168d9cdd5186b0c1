"""The offset map: like a dict, but bounded."""

from __future__ import annotations

import sys
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordwood.log.compaction import offset_map
from cordwood.log.compaction.offset_map import ENTRY_SIZE_BYTES, EXACT_KEY_BYTES, OffsetMap, known_as

KEYS = st.binary(max_size=2)


@pytest.fixture(autouse=True)
def small_generations(monkeypatch):
    """Generations fill up with a few keys."""
    monkeypatch.setattr(offset_map, "GENERATION_ENTRIES", 5)
    monkeypatch.setattr(offset_map, "FREE_ENTRIES", 3)


@given(st.lists(st.lists(KEYS, min_size=1, max_size=8)), st.integers(1, 30))
def test_it_is_a_dict_until_it_is_full(pieces, limit):
    table, model = OffsetMap(limit), {}
    offset = 0
    for keys in pieces:
        offsets = range(offset, offset + len(keys))
        offset += len(keys)
        count = table.put(keys, offsets)
        model.update(zip(keys[:count], offsets[:count], strict=True))
        assert len(table) == len(model) <= limit
        looked_for = [*model, b"none"]
        assert list(table.newest(looked_for, [-1] * len(looked_for))) == [*model.values(), -1]
        if count < len(keys):
            assert len(model) == limit
            assert keys[count] not in model
            return


def test_a_full_map_takes_newer_offsets_of_its_keys():
    table = OffsetMap(6)
    assert table.put([b"%d" % number for number in range(6)], range(6)) == 6
    assert table.put([b"5", b"0", b"new", b"1"], range(10, 14)) == 2
    assert list(table.newest([b"5", b"0", b"new", b"1"], [-1] * 4)) == [10, 11, -1, 1]


def test_clearing_rests_in_between():
    table = OffsetMap(100)
    table.put([b"%d" % number for number in range(23)], range(23))
    rests = []
    table.clear(lambda: rests.append(len(table)))
    assert rests == sorted(rests, reverse=True)
    assert max(before - after for before, after in zip([23, *rests], rests, strict=False)) <= 3
    assert len(table) == table.size_bytes == 0
    assert table.put([b"again"], [7]) == 1


def test_long_keys_are_known_by_a_hash_that_no_short_key_can_be():
    short, long = b"x" * EXACT_KEY_BYTES, b"x" * (EXACT_KEY_BYTES + 1)
    assert known_as(short) is short
    assert len(known_as(long)) == EXACT_KEY_BYTES + 1
    assert known_as(long) != known_as(long + b"x")


@pytest.mark.parametrize("size", [0, 16, EXACT_KEY_BYTES, 10_000])
def test_an_entry_takes_no_more_than_it_says(size, monkeypatch):
    monkeypatch.setattr(offset_map, "GENERATION_ENTRIES", (1 << 15) * 2 // 3)
    count = 21_845
    table = OffsetMap(count)
    tracemalloc.start()
    try:
        for start in range(0, count, 1000):
            numbers = range(start, min(start + 1000, count))
            keys = [known_as(b"%d" % number + b"k" * size)[: max(size, EXACT_KEY_BYTES + 1)] for number in numbers]
            table.put(keys, range(1 << 40 | numbers.start, 1 << 40 | numbers.stop))
            del keys
        used, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(table) == count
    assert used <= count * ENTRY_SIZE_BYTES
    assert peak <= count * ENTRY_SIZE_BYTES + sys.getsizeof(dict.fromkeys(range(count))) + 1_000_000
