"""Entries and what they count for."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cordwood.raft.entries import ENTRY_OVERHEAD, Entry, Position, payload_size, total_size, within

ENTRIES = st.lists(st.integers(0, 40), max_size=8).map(
    lambda sizes: [Entry(index, 1, data=bytes(size)) for index, size in enumerate(sizes, 1)]
)


def test_an_entry_counts_for_more_than_its_data():
    assert Entry(1, 1, data=b"abc").size == 3 + ENTRY_OVERHEAD
    assert total_size([Entry(1, 1, data=b"abc"), Entry(2, 1)]) == 3 + 2 * ENTRY_OVERHEAD


def test_an_entry_without_data_is_no_payload():
    assert payload_size([Entry(1, 1), Entry(2, 1, data=b"ab")]) == 2


@given(ENTRIES, st.integers(0, 300))
def test_within_is_the_longest_beginning_that_fits(entries, limit):
    taken = within(entries, limit)
    assert list(taken) == entries[: len(taken)]
    assert total_size(taken) <= limit or len(taken) == 1
    assert len(taken) == len(entries) or total_size(entries[: len(taken) + 1]) > limit
    assert taken or not entries


def test_logs_compare_by_term_then_by_index():
    assert Position(2, 1) > Position(1, 9)
    assert Position(2, 2) > Position(2, 1)
