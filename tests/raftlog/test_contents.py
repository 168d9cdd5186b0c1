"""State, index and cache keep to each other."""

from __future__ import annotations

import pytest

from cordwood.model.raftlog_errors import LogIdReversal
from cordwood.raftlog.codecs import TEXTS
from cordwood.raftlog.config import RaftLogConfig
from cordwood.raftlog.contents import Contents
from cordwood.raftlog.records import Append, Commit, PurgeUpto, RaftLogState, SaveVote, State, TruncateAfter


@pytest.fixture
def contents():
    contents = Contents(TEXTS, RaftLogConfig())
    for index in range(6):
        contents.apply(Append((1, index), f"entry {index}"), index * 10, 10)
    return contents


def held(contents):
    """The indexes of the entries, each of which must be in the cache."""
    positions, sizes = contents.entries.between(0, 1 << 63)
    entries = contents.cache.get_all(positions)
    assert len(entries) == len(contents.cache)
    assert set(sizes) <= {10}
    return [log_id[1] for log_id, _ in entries]


@pytest.mark.parametrize(
    ("record", "indexes", "last"),
    [
        (SaveVote((1, 1)), [0, 1, 2, 3, 4, 5], (1, 5)),
        (Commit((1, 3)), [0, 1, 2, 3, 4, 5], (1, 5)),
        (TruncateAfter((1, 3)), [0, 1, 2, 3], (1, 3)),
        (TruncateAfter(None), [], None),
        (PurgeUpto((1, 3)), [4, 5], (1, 5)),
        (PurgeUpto((1, 5)), [], (1, 5)),
        (PurgeUpto((2, 9)), [], (2, 9)),
        (PurgeUpto((2, 3)), [], (2, 3)),
        (State(RaftLogState(last=(1, 2))), [0, 1, 2], (1, 2)),
        (State(RaftLogState(last=(1, 5), purged=(1, 1))), [2, 3, 4, 5], (1, 5)),
        (State(RaftLogState(last=(3, 9))), [0, 1, 2, 3, 4, 5], (3, 9)),
        (State(RaftLogState()), [], None),
    ],
)
def test_entries_lie_above_purged_and_up_to_last(contents, record, indexes, last):
    contents.apply(record, 60, 10)
    assert held(contents) == indexes
    assert contents.state.last == last


def test_an_entry_takes_the_place_of_one_that_was_cut(contents):
    contents.apply(TruncateAfter((1, 3)), 60, 10)
    contents.append([4, 5], [((2, 4), "new"), ((2, 5), "newer")], [70, 80], [10, 10])
    assert held(contents) == [0, 1, 2, 3, 4, 5]
    assert contents.cache.get_all([40, 70]) == [None, ((2, 4), "new")]
    assert contents.state.last == (2, 5)


def test_a_gap_is_kept(contents):
    contents.apply(State(RaftLogState(last=(3, 9))), 60, 10)
    contents.apply(Append((3, 10), "behind the gap"), 70, 10)
    assert held(contents) == [0, 1, 2, 3, 4, 5, 10]


def test_a_contradiction_that_is_read_back_changes_nothing(contents):
    with pytest.raises(LogIdReversal):
        contents.replay(Append((1, 5), "again"), 60, 10)
    assert held(contents) == [0, 1, 2, 3, 4, 5]
    with pytest.raises(LogIdReversal):
        contents.replay_entry((1, 5), "again", 60, 10)
    assert held(contents) == [0, 1, 2, 3, 4, 5]
    contents.replay(Append((1, 6), "next"), 60, 10)
    contents.replay_entry((1, 7), "one more", 70, 10)
    assert held(contents) == [0, 1, 2, 3, 4, 5, 6, 7]
    assert contents.state.last == (1, 7)
