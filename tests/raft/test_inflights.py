"""The window of messages under way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordwood.raft.inflights import Inflights


@given(st.integers(1, 4), st.integers(1, 30), st.lists(st.integers(1, 20), max_size=12), st.data())
def test_the_window_against_a_list(max_messages, max_bytes, sizes, data):
    window = Inflights(max_messages, max_bytes)
    under_way: list[tuple[int, int]] = []
    for last, size in enumerate(sizes, 1):
        if window.full:
            acked = data.draw(st.integers(0, last))
            window.free(acked)
            under_way = [message for message in under_way if message[0] > acked]
        if not window.full:
            window.add(last, size)
            under_way.append((last, size))
        assert window.count == len(under_way)
        assert window.full is (len(under_way) >= max_messages or sum(size for _, size in under_way) >= max_bytes)


def test_nothing_is_added_to_a_full_window():
    window = Inflights(1, 100)
    window.add(5, 1)
    with pytest.raises(AssertionError, match="full window"):
        window.add(6, 1)


def test_indexes_only_grow():
    window = Inflights(3, 100)
    window.add(5, 1)
    with pytest.raises(AssertionError, match="after 5"):
        window.add(5, 1)


def test_a_cleared_window_is_empty():
    window = Inflights(2, 10)
    window.add(1, 100)
    assert window.full
    window.clear()
    assert (window.count, window.full) == (0, False)
