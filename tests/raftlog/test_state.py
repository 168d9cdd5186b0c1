"""The rules of each call, and what each record does to the state."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from cordwood.model.raftlog_errors import (
    CommitBeyondLast,
    LogIdNonConsecutive,
    LogIdReversal,
    TruncateCommitted,
    VoteReversal,
)
from cordwood.raftlog.codecs import TEXTS
from cordwood.raftlog.records import Append, Commit, PurgeUpto, RaftLogState, SaveVote, State, TruncateAfter
from cordwood.raftlog.state import LiveState


@pytest.fixture
def state():
    live = LiveState(TEXTS)
    live.apply(State(RaftLogState((3, 1), (2, 7), (2, 5), (1, 3), "data")))
    return live


def test_votes_do_not_go_back(state):
    for vote in ((3, 1), (3, 2), (4, 0)):
        state.check_vote(vote)
    with pytest.raises(VoteReversal) as raised:
        state.check_vote((3, 0))
    assert (raised.value.current, raised.value.attempted) == ((3, 1), (3, 0))
    LiveState(TEXTS).check_vote((0, 0))


@dataclass(frozen=True)
class Leader:
    """A vote that is comparable with votes of other terms, and with itself."""

    term: int
    node: int

    def __ge__(self, other):
        return self.term > other.term or self == other


def test_votes_may_be_partially_ordered():
    state = LiveState(TEXTS)
    state.apply(SaveVote(Leader(1, 2)))
    state.check_vote(Leader(1, 2))
    state.check_vote(Leader(2, 1))
    with pytest.raises(VoteReversal):
        state.check_vote(Leader(1, 3))


def test_entries_follow_each_other(state):
    assert state.check_append([(2, 8), (2, 9), (5, 10)]) == [8, 9, 10]
    assert state.check_append([]) == []


@pytest.mark.parametrize(
    ("log_ids", "error"),
    [
        ([(2, 7)], LogIdReversal),
        ([(1, 8)], LogIdReversal),
        ([(2, 6)], LogIdReversal),
        ([(2, 9)], LogIdNonConsecutive),
        ([(3, 7)], LogIdNonConsecutive),
        ([(2, 8), (2, 8)], LogIdReversal),
        ([(2, 8), (2, 10)], LogIdNonConsecutive),
        ([(3, 8), (2, 9)], LogIdReversal),
    ],
)
def test_entries_that_do_not_follow_are_refused(state, log_ids, error):
    with pytest.raises(error):
        state.check_append(log_ids)


def test_the_first_entry_may_have_any_index():
    assert LiveState(TEXTS).check_append([(4, 100), (4, 101)]) == [100, 101]
    with pytest.raises(LogIdNonConsecutive):
        LiveState(TEXTS).check_append([(4, 100), (4, 102)])


def test_nothing_is_appended_below_what_was_purged():
    state = LiveState(TEXTS)
    state.apply(State(RaftLogState(purged=(1, 3))))
    assert state.check_append([(1, 4)]) == [4]
    with pytest.raises(LogIdReversal):
        state.check_append([(2, 3)])


def test_the_committed_is_not_truncated(state):
    state.check_truncate(6)
    with pytest.raises(TruncateCommitted) as raised:
        state.check_truncate(5)
    assert (raised.value.index, raised.value.committed) == (5, (2, 5))
    LiveState(TEXTS).check_truncate(0)


def test_commits_go_up_to_the_last_entry(state):
    state.check_commit((2, 5))
    state.check_commit((2, 7))
    with pytest.raises(LogIdReversal):
        state.check_commit((2, 4))
    with pytest.raises(CommitBeyondLast):
        state.check_commit((2, 8))
    with pytest.raises(CommitBeyondLast):
        LiveState(TEXTS).check_commit((1, 0))


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (SaveVote((9, 9)), RaftLogState((9, 9), (2, 7), (2, 5), (1, 3), "data")),
        (Append((4, 8), "x"), RaftLogState((3, 1), (4, 8), (2, 5), (1, 3), "data")),
        (Commit((2, 6)), RaftLogState((3, 1), (2, 7), (2, 6), (1, 3), "data")),
        (TruncateAfter((2, 6)), RaftLogState((3, 1), (2, 6), (2, 5), (1, 3), "data")),
        (TruncateAfter((2, 9)), RaftLogState((3, 1), (2, 7), (2, 5), (1, 3), "data")),
        (TruncateAfter(None), RaftLogState((3, 1), None, (2, 5), (1, 3), "data")),
        (PurgeUpto((2, 5)), RaftLogState((3, 1), (2, 7), (2, 5), (2, 5), "data")),
        (PurgeUpto((1, 1)), RaftLogState((3, 1), (2, 7), (2, 5), (1, 3), "data")),
        (PurgeUpto((4, 20)), RaftLogState((3, 1), (4, 20), (2, 5), (4, 20), "data")),
        (State(RaftLogState()), RaftLogState()),
    ],
)
def test_what_records_do(state, record, expected):
    state.apply(record)
    assert state.snapshot() == expected


def test_records_of_an_empty_state():
    for record, expected in (
        (TruncateAfter(None), RaftLogState()),
        (PurgeUpto((1, 4)), RaftLogState(last=(1, 4), purged=(1, 4))),
    ):
        state = LiveState(TEXTS)
        state.apply(record)
        assert state.snapshot() == expected


@pytest.mark.parametrize(
    ("record", "error"),
    [
        (SaveVote((3, 0)), VoteReversal),
        (Append((2, 7), "x"), LogIdReversal),
        (Append((2, 9), "x"), LogIdNonConsecutive),
        (Commit((2, 4)), LogIdReversal),
    ],
)
def test_a_record_that_contradicts_is_refused_when_it_is_read_back(state, record, error):
    before = state.snapshot()
    with pytest.raises(error):
        state.replay(record)
    assert state.snapshot() == before


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (TruncateAfter((1, 4)), RaftLogState((3, 1), (1, 4), (2, 5), (1, 3), "data")),
        (Commit((2, 9)), RaftLogState((3, 1), (2, 7), (2, 9), (1, 3), "data")),
        (PurgeUpto((9, 90)), RaftLogState((3, 1), (9, 90), (2, 5), (9, 90), "data")),
        (State(RaftLogState()), RaftLogState()),
    ],
)
def test_what_early_releases_wrote_is_read_back(state, record, expected):
    state.replay(record)
    assert state.snapshot() == expected


def test_next_indexes(state):
    assert state.next_index(None) == 0
    assert state.next_index((5, 9)) == 10
