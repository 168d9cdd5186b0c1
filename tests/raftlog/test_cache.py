"""The cache: who goes first, and who stays."""

from __future__ import annotations

import pytest

from cordwood.raftlog.cache import EntryCache


@pytest.fixture
def cache():
    cache = EntryCache(2, 10, len)
    cache.allow_below(1000)
    return cache


def held(cache):
    """The positions in memory."""
    return [position for position in range(100) if cache.get_all([position]) != [None]]


def fill(cache, *payloads):
    for position, payload in enumerate(payloads, 1):
        cache.insert(position, ((1, position), payload))


def test_the_oldest_go_when_there_are_too_many(cache):
    fill(cache, "foo", "bar", "baz")
    assert held(cache) == [2, 3]
    assert (len(cache), cache.size_bytes) == (2, 6)
    assert cache.get_all([1, 2]) == [None, ((1, 2), "bar")]


def test_the_oldest_go_when_they_are_too_large(cache):
    fill(cache, "foo", "12345678")
    assert held(cache) == [2]
    assert cache.size_bytes == 8


def test_an_entry_that_is_too_large_goes_at_once(cache):
    fill(cache, "foo", "123456789ab")
    assert held(cache) == []
    assert cache.size_bytes == 0


def test_nothing_at_or_above_the_boundary_goes():
    cache = EntryCache(2, 10, len)
    cache.allow_below(3)
    fill(cache, "foo", "bar", "baz", "12345678", "123456789ab")
    assert held(cache) == [3, 4, 5]
    assert cache.size_bytes == 22


def test_what_may_go_goes_when_the_boundary_moves():
    cache = EntryCache(2, 10, len)
    fill(cache, "foo", "bar", "baz", "qux")
    assert held(cache) == [1, 2, 3, 4]
    cache.allow_below(2)
    assert held(cache) == [2, 3, 4]
    cache.allow_below(1)
    assert cache.boundary == 2
    cache.allow_below(9)
    assert held(cache) == [3, 4]


def test_nothing_goes_below_the_limits():
    cache = EntryCache(3, 10, len)
    cache.allow_below(1000)
    fill(cache, "foo", "bar", "baz")
    assert held(cache) == [1, 2, 3]


def test_several_are_taken_at_once(cache):
    cache.insert_all([1, 2, 3], [((1, 1), "foo"), ((1, 2), "bar"), ((1, 3), "bazz")])
    assert held(cache) == [2, 3]
    assert cache.size_bytes == 7


def test_the_end_is_cut():
    cache = EntryCache(10, 100, len)
    fill(cache, "foo", "bar", "baz", "qux")
    cache.cut_from(3)
    assert held(cache) == [1, 2]
    assert cache.size_bytes == 6
    cache.cut_from(0)
    assert (held(cache), cache.size_bytes) == ([], 0)


def test_the_beginning_is_cut_whatever_the_boundary():
    cache = EntryCache(10, 100, len)
    fill(cache, "foo", "bar", "baz", "qux")
    cache.cut_upto(2)
    assert held(cache) == [3, 4]
    cache.cut_upto(50)
    assert (held(cache), cache.size_bytes) == ([], 0)
