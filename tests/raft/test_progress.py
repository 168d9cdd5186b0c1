"""The flow control of one follower."""

from __future__ import annotations

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from cordwood.raft.inflights import Inflights
from cordwood.raft.progress import Progress, ProgressState


def progress(match=0, following=1, state=ProgressState.PROBE, window=2):
    made = Progress(following, Inflights(window, 1000))
    made.match = match
    made.state = state
    return made


def replicating(match=5, window=2):
    made = progress(match, match + 1, window=window)
    made.become_replicate()
    return made


def test_a_probe_waits_for_its_answer():
    probed = progress(following=6)
    probed.sent_entries(0, 0)
    assert probed.paused
    assert probed.next == 6
    assert probed.acknowledged(5)
    assert not probed.paused


def test_replication_goes_on_until_the_window_is_full():
    follower = replicating(match=5)
    follower.sent_entries(2, 10)
    assert (follower.next, follower.paused) == (8, False)
    follower.sent_entries(1, 10)
    assert (follower.next, follower.paused) == (9, True)
    follower.inflights.free(7)
    assert follower.acknowledged(7)
    assert not follower.paused


def test_an_empty_message_takes_no_place_in_the_window():
    follower = replicating()
    follower.sent_entries(0, 0)
    assert (follower.inflights.count, follower.paused) == (0, False)


def test_an_old_acknowledgement_is_no_news():
    follower = replicating(match=5)
    assert not follower.acknowledged(5)
    assert follower.acknowledged(9)
    assert (follower.match, follower.next) == (9, 10)


@pytest.mark.parametrize(("index", "news", "following"), [(5, False, 9), (4, False, 9), (8, True, 6)])
def test_rejection_while_replicating(index, news, following):
    follower = replicating(match=5)
    follower.sent_entries(3, 10)
    assert follower.rejected(index, 2) is news
    assert follower.next == following


@pytest.mark.parametrize(
    ("match", "following", "index", "hint", "news", "expected"),
    [
        (0, 10, 9, 3, True, 4),  # the hint says where the logs may agree
        (0, 10, 9, 20, True, 9),  # a hint beyond what was rejected is of no use: one step back
        (5, 10, 9, 2, True, 6),  # never behind what is known to match
        (0, 10, 8, 2, False, 10),  # the answer to an earlier probe
    ],
)
def test_rejection_of_a_probe(match, following, index, hint, news, expected):
    follower = progress(match, following)
    follower.sent_entries(1, 10)
    assert follower.rejected(index, hint) is news
    assert follower.next == expected
    assert follower.paused is not news


def test_a_snapshot_stops_everything_until_it_arrived():
    follower = progress(match=1, following=4)
    follower.become_snapshot(10)
    assert (follower.state, follower.paused, follower.pending_snapshot) == (ProgressState.SNAPSHOT, True, 10)
    follower.become_probe()
    assert (follower.next, follower.pending_snapshot, follower.paused) == (11, 0, False)


@pytest.mark.parametrize(("arrived", "following"), [(True, 11), (False, 2)])
def test_a_snapshot_that_ended_is_followed_by_a_probe_after_a_while(arrived, following):
    follower = progress(match=1, following=4)
    follower.become_snapshot(10)
    follower.snapshot_ended(arrived=arrived)
    assert (follower.state, follower.next, follower.paused) == (ProgressState.PROBE, following, True)
    assert follower.sent_commit == following - 1
    follower.snapshot_ended(arrived=True)
    assert follower.next == following


def test_an_unreachable_follower_is_probed():
    follower = replicating(match=5)
    follower.sent_entries(2, 10)
    follower.unreachable()
    assert (follower.state, follower.next, follower.inflights.count) == (ProgressState.PROBE, 6, 0)
    follower.sent_entries(1, 10)
    follower.unreachable()
    assert follower.paused


def test_a_commit_index_is_told_once():
    follower = replicating(match=5)
    assert follower.misses_commit(4)
    follower.note_commit(4)
    assert not follower.misses_commit(4)
    follower.note_commit(9)
    assert follower.sent_commit == 5  # entries above are not there yet
    follower.sent_entries(4, 10)
    assert follower.misses_commit(9)


def test_progress_for_the_eye():
    follower = replicating(match=5)
    follower.sent_entries(2, 10)
    follower.sent_entries(2, 10)
    assert str(follower) == "replicate match=5 next=10 paused inactive inflight=2[full]"
    follower.become_snapshot(20)
    follower.recent = True
    assert str(follower) == "snapshot match=5 next=21 paused snapshot=20"


class ProgressMachine(RuleBasedStateMachine):
    """Whatever happens in whatever order, the numbered rules of Progress hold."""

    def __init__(self):
        super().__init__()
        self.follower = Progress(1, Inflights(3, 50))

    @precondition(lambda self: not self.follower.paused)
    @rule(count=st.integers(0, 3), size=st.integers(1, 30))
    def send(self, count, size):
        replicating_full = self.follower.inflights.full
        self.follower.sent_entries(0 if replicating_full else count, size)

    @rule(back=st.integers(0, 4))
    def acknowledge(self, back):
        index = max(0, self.follower.next - 1 - back)
        if self.follower.acknowledged(index):
            self.follower.inflights.free(index)

    @rule(back=st.integers(0, 4), hint=st.integers(0, 10))
    def reject(self, back, hint):
        news = self.follower.rejected(self.follower.next - 1 - back, hint)
        if news and self.follower.state is ProgressState.REPLICATE:
            self.follower.become_probe()

    @rule(commit=st.integers(0, 30))
    def commit(self, commit):
        if self.follower.misses_commit(commit):
            self.follower.note_commit(commit)
            assert not self.follower.misses_commit(commit)

    @rule(ahead=st.integers(1, 5))
    def snapshot(self, ahead):
        self.follower.become_snapshot(self.follower.next + ahead)

    @rule()
    def probe(self):
        self.follower.become_probe()

    @rule()
    def fail(self):
        self.follower.snapshot_ended(arrived=False)

    @rule()
    def replicate(self):
        self.follower.become_replicate()

    @invariant()
    def keeps_its_rules(self):
        follower = self.follower
        assert 0 <= follower.match < follower.next
        assert 0 <= follower.sent_commit < follower.next
        assert (follower.pending_snapshot > 0) == (follower.state is ProgressState.SNAPSHOT)


TestProgressMachine = ProgressMachine.TestCase
