"""The index: sorted pairs, in memory and in a file, found by bisection."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordwood.env.memory_disk import MemoryDisk
from cordwood.log.index import Index

pairs = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), max_size=40).map(
    lambda rows: list(zip(sorted(key for key, _ in rows), sorted(value for _, value in rows), strict=True))
)


def index_of(rows):
    index = Index()
    for row in rows:
        index.append(*row)
    return index


def file_of(index=None):
    file = MemoryDisk().open("index", create=True)
    if index is not None:
        index.write(file)
    return file


def slow_floor(rows, key, column):
    found = [row for row in rows if row[column] <= key]
    return found[-1] if found else None


@given(pairs, st.integers(-1, 51))
def test_floor_is_that_of_a_list(rows, key):
    index = index_of(rows)
    for searched in (index, Index.load(file_of(index)), Index.load(file_of(index), writable=True)):
        assert searched.floor(key) == slow_floor(rows, key, 0)
        assert searched.floor_of_value(key) == slow_floor(rows, key, 1)
        assert len(searched) == len(rows)
        assert searched.last == (rows[-1] if rows else None)


def test_the_file_is_pairs_of_little_endian_numbers():
    file = file_of(index_of([(1, 2), (0x0102030405060708, 0xFF)]))
    assert file.read(100, 0) == bytes.fromhex("0100000000000000 0200000000000000 0807060504030201 ff00000000000000")


@given(pairs, pairs)
def test_writes_add_to_what_is_there(first, more):
    first = [(key, value) for key, value in first if key < 20 and value < 20]
    more = [(key + 50, value + 50) for key, value in more]
    index = index_of(first)
    file = file_of(index)
    for row in more:
        index.append(*row)
    index.write(file)
    index.write(file)
    assert file.read(10_000, 0) == file_of(index_of(first + more)).read(10_000, 0)


def test_a_file_that_is_too_short_or_too_long_is_put_right():
    index = index_of([(1, 1), (2, 2)])
    file = file_of(index)
    whole = file.read(100, 0)
    for damage in (whole[:20], whole + b"rest", b""):
        file.truncate(0)
        file.write([damage], 0)
        index.write(file)
        assert file.read(100, 0) == whole


def test_an_incomplete_entry_is_left_out():
    file = file_of(index_of([(1, 1), (2, 2)]))
    file.truncate(31)
    assert Index.load(file).last == (1, 1)
    assert len(Index.load(file)) == 1


def test_a_large_index_is_a_view_of_its_file():
    rows = [(number * 3, number * 8192) for number in range(10_000)]
    file = file_of(index_of(rows))
    index = Index.load(file)
    file.close()
    assert index.floor(15_001) == (15_000, 5000 * 8192)
    assert index.size_bytes == 160_000
    assert index.flaw(keys=(0, 30_000), values=(0, 1 << 30)) is None


@given(pairs, st.integers(0, 51), st.integers(0, 51))
def test_truncate_keeps_what_is_below(rows, key, value):
    by_key, by_value = index_of(rows), Index.load(file_of(index_of(rows)))
    by_key.truncate(keys_below=key)
    by_value.truncate(values_below=value)
    assert by_key.last == ([row for row in rows if row[0] < key] or [None])[-1]
    assert by_value.last == ([row for row in rows if row[1] < value] or [None])[-1]
    by_value.append(60, 60)
    assert by_value.last == (60, 60)


@pytest.mark.parametrize(
    ("rows", "flaw"),
    [
        ([(5, 5), (6, 6)], None),
        ([(5, 5), (5, 6)], None),
        ([(4, 5), (6, 6)], "keys"),
        ([(5, 5), (10, 6)], "keys"),
        ([(5, 4), (6, 6)], "values"),
        ([(5, 5), (6, 10)], "values"),
    ],
)
def test_a_flaw_is_named(rows, flaw):
    found = index_of(rows).flaw(keys=(5, 10), values=(5, 10))
    assert (flaw is None and found is None) or flaw in found


def test_unsorted_bytes_are_a_flaw():
    file = file_of(index_of([(5, 5), (6, 6), (7, 7)]))
    file.write([bytes(16)], 16)
    assert "not sorted" in str(Index.load(file).flaw(keys=(0, 10), values=(0, 10)))


def test_an_empty_index_has_no_flaw():
    assert Index().flaw(keys=(0, 0), values=(0, 0)) is None


def test_what_must_not_happen_is_asserted():
    with pytest.raises(AssertionError):
        Index.load(file_of(index_of([(1, 1)]))).append(2, 2)
