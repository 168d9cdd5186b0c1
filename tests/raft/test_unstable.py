"""The end of the log that is on its way to disk."""

from __future__ import annotations

import pytest

from cordwood.raft.configuration import Configuration
from cordwood.raft.entries import Position
from cordwood.raft.state import Snapshot
from cordwood.raft.unstable import Unstable
from tests.raft.cluster import normal

SNAPSHOT = Snapshot(9, 3, Configuration())


def unstable(*terms, offset=5, handed_out=None):
    made = Unstable(offset)
    if terms:
        made.replace([normal(index, term) for index, term in enumerate(terms, offset)])
    if handed_out is not None:
        made.handed_out = handed_out
    return made


def terms(log):
    return [entry.term for entry in log.entries]


def test_where_the_log_begins_and_ends():
    assert (unstable().first_index(), unstable().last_index()) == (None, None)
    assert unstable(1, 1).last_index() == 6
    restored = unstable(1, 1)
    restored.restore(SNAPSHOT)
    assert (restored.first_index(), restored.last_index(), restored.offset, restored.entries) == (10, 9, 10, [])


def test_the_term_of_an_entry_and_of_the_snapshot():
    log = unstable(1, 2)
    assert [log.term(index) for index in (4, 5, 6, 7)] == [None, 1, 2, None]
    log.restore(SNAPSHOT)
    assert [log.term(index) for index in (8, 9, 10)] == [None, 3, None]


def test_what_was_handed_out_is_not_handed_out_again():
    log = unstable(1, 1)
    log.restore(SNAPSHOT)
    log.replace([normal(10, 3)])
    assert (log.next_snapshot(), len(log.next_entries())) == (SNAPSHOT, 1)
    log.hand_out()
    assert (log.next_snapshot(), log.next_entries()) == (None, [])
    log.replace([normal(11, 3)])
    assert [entry.index for entry in log.next_entries()] == [11]


@pytest.mark.parametrize(
    ("position", "left"),
    [
        (Position(1, 5), [1, 2]),
        (Position(2, 7), []),
        (Position(9, 6), [1, 1, 2]),  # another entry is in its place by now
        (Position(1, 4), [1, 1, 2]),  # long since on disk
        (Position(2, 8), [1, 1, 2]),  # cut off by now
    ],
)
def test_what_is_on_disk_is_let_go(position, left):
    log = unstable(1, 1, 2, handed_out=6)
    log.stable_to(position)
    assert terms(log) == left
    assert log.offset + len(left) == 8
    assert log.handed_out >= log.offset


def test_a_snapshot_on_disk_is_let_go_if_it_is_the_one():
    log = unstable()
    log.restore(SNAPSHOT)
    log.snapshot_stable(8)
    assert log.snapshot is SNAPSHOT
    log.snapshot_stable(9)
    assert log.snapshot is None


@pytest.mark.parametrize(
    ("first", "expected", "offset", "handed_out"),
    [
        (8, [1, 1, 1, 9], 5, 8),  # behind the last
        (7, [1, 1, 9], 5, 7),  # in place of the last: it is handed out anew
        (5, [9], 5, 5),  # in place of everything
        (3, [9], 3, 3),  # and of some that are on disk
    ],
)
def test_entries_replace_what_is_in_their_way(first, expected, offset, handed_out):
    log = unstable(1, 1, 1, handed_out=8)
    log.replace([normal(first, 9)])
    assert (terms(log), log.offset, log.handed_out) == (expected, offset, handed_out)


def test_entries_leave_no_gap():
    with pytest.raises(AssertionError, match="gap"):
        unstable(1).replace([normal(7, 1)])


def test_a_slice_is_all_here():
    log = unstable(1, 2, 3)
    assert [entry.term for entry in log.slice(6, 8)] == [2, 3]
    with pytest.raises(AssertionError, match="is not in"):
        log.slice(4, 6)
