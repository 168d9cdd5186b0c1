"""The log as a whole: storage, and what is on its way there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordwood.raft.configuration import Configuration
from cordwood.raft.entries import ENTRY_OVERHEAD, Position, within
from cordwood.raft.errors import Compacted, LogDamaged, Unavailable
from cordwood.raft.raft_log import RaftLog
from cordwood.raft.state import Snapshot
from tests.raft.cluster import ids, normal, storage_of

BIG = 10**9


def log_of(stored, unstable=(), committed=1):
    """A log with a snapshot at 1, then these terms on disk, then these on their way."""
    log = RaftLog(storage_of(*stored), BIG)
    first = log.last_index() + 1
    log.append([normal(index, term) for index, term in enumerate(unstable, first)])
    log.commit_to(committed)
    return log


def terms(log):
    return [log.term(index) for index in range(log.first_index(), log.last_index() + 1)]


def test_the_log_is_storage_and_what_follows():
    log = log_of([1, 2], [2, 3])
    assert (log.first_index(), log.last(), terms(log)) == (2, Position(3, 5), [1, 2, 2, 3])
    assert log.term(1) == 1
    with pytest.raises(Compacted):
        log.term(0)
    with pytest.raises(Unavailable):
        log.term(6)
    assert [log.term_or_zero(index) for index in (0, 1, 6)] == [0, 1, 0]


@pytest.mark.parametrize(
    ("other", "fine"),
    [
        (Position(3, 4), False),
        (Position(3, 5), True),
        (Position(3, 6), True),
        (Position(2, 9), False),
        (Position(4, 1), True),
    ],
)
def test_the_later_term_is_up_to_date_then_the_longer_log(other, fine):
    assert log_of([1, 2], [2, 3]).is_up_to_date(other) is fine


@pytest.mark.parametrize(
    ("previous", "new", "agreed", "after"),
    [
        (Position(2, 3), [], 3, [1, 2, 2]),
        (Position(2, 4), [3, 3], 6, [1, 2, 2, 3, 3]),  # new ones
        (Position(1, 2), [2, 2], 4, [1, 2, 2]),  # nothing new
        (Position(1, 2), [2], 3, [1, 2, 2]),  # an old message: what follows stays
        (Position(1, 2), [2, 4], 4, [1, 2, 4]),  # the last one is in conflict
        (Position(1, 2), [4], 3, [1, 4]),  # and what follows a conflict goes
        (Position(3, 4), [3], None, [1, 2, 2]),  # no such entry before
        (Position(2, 5), [3], None, [1, 2, 2]),  # a gap
    ],
)
def test_a_leaders_entries_are_taken_over(previous, new, agreed, after):
    log = log_of([1, 2], [2])
    entries = [normal(index, term) for index, term in enumerate(new, previous.index + 1)]
    assert log.accept(previous, entries, commit=0) == agreed
    assert terms(log) == after


def test_the_commit_index_goes_no_further_than_what_was_sent():
    log = log_of([1, 2, 2])
    log.accept(Position(2, 3), [], commit=9)
    assert log.committed == 3


def test_what_is_committed_is_not_replaced():
    log = log_of([1, 2, 2], committed=3)
    with pytest.raises(LogDamaged, match="committed"):
        log.accept(Position(1, 2), [normal(3, 4)], commit=3)
    assert terms(log) == [1, 2, 2]


def test_a_lost_log_is_noticed():
    log = log_of([1])
    with pytest.raises(LogDamaged, match="lost"):
        log.commit_to(3)
    log.commit_to(2)
    log.commit_to(1)
    assert log.committed == 2


@given(st.lists(st.integers(1, 5), min_size=1, max_size=8).map(sorted), st.integers(0, 10), st.integers(0, 6))
def test_agreement_is_the_highest_place_with_no_later_term(stored, index, term):
    log = log_of(stored)
    index = min(index, log.last_index())
    found = log.agreement_before(Position(term, index))
    known = {at: log.term_or_zero(at) for at in range(index + 1)}
    fitting = [at for at in known if known[at] <= term]
    assert found.index == max(fitting, default=0)
    assert found.term == known[found.index]


@given(st.integers(0, 4), st.integers(0, 4), st.integers(1, 300), st.data())
def test_a_slice_over_both_parts(stored, fresh, limit, data):
    log = log_of([1] * stored, [2] * fresh)
    if log.last_index() == 1:
        assert log.entries(2, limit) == ()
        return
    start = data.draw(st.integers(2, log.last_index()))
    end = data.draw(st.integers(start + 1, log.last_index() + 1))
    everything = [normal(index, log.term(index)) for index in range(start, end)]
    assert list(log.slice(start, end, limit)) == list(within(everything, limit))
    assert [entry for page in log.pages(start, end, limit) for entry in page] == everything


def test_a_slice_from_before_the_log():
    with pytest.raises(Compacted):
        log_of([1]).slice(1, 3, BIG)


def test_a_snapshot_takes_the_place_of_the_log():
    log = log_of([1, 1], [2])
    log.restore(Snapshot(9, 4, Configuration(ids(1))))
    assert (log.first_index(), log.last(), log.committed) == (10, Position(4, 9), 9)
    assert log.snapshot().index == 9
    assert not log.has_to_apply(unstable=True)


def test_what_is_committed_is_handed_out_once():
    log = log_of([1, 1, 1], committed=3)
    entries = log.to_apply(unstable=True)
    assert [entry.index for entry in entries] == [2, 3]
    log.hand_out_to_apply(entries, unstable=True)
    assert log.to_apply(unstable=True) == ()
    log.applied_to(3, 2 * ENTRY_OVERHEAD)
    log.commit_to(4)
    assert [entry.index for entry in log.to_apply(unstable=True)] == [4]


def test_without_unstable_only_what_is_on_disk_is_handed_out():
    log = log_of([1], [1], committed=3)
    assert [entry.index for entry in log.to_apply(unstable=False)] == [2]
    assert [entry.index for entry in log.to_apply(unstable=True)] == [2, 3]


def test_no_more_is_handed_out_than_may_be_under_way():
    log = RaftLog(storage_of(1, 1, 1, 1), 2 * ENTRY_OVERHEAD)
    log.commit_to(5)
    entries = log.to_apply(unstable=True)
    assert [entry.index for entry in entries] == [2, 3]
    log.hand_out_to_apply(entries, unstable=True)
    assert not log.has_to_apply(unstable=True)
    log.applied_to(2, ENTRY_OVERHEAD)
    assert [entry.index for entry in log.to_apply(unstable=True)] == [4]


def test_nothing_is_applied_backwards():
    log = log_of([1, 1], committed=2)
    with pytest.raises(AssertionError, match="applied 3"):
        log.applied_to(3, 0)
