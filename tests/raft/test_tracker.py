"""What is known of the members together."""

from __future__ import annotations

from cordwood.raft.configuration import Configuration
from cordwood.raft.progress import ProgressState
from cordwood.raft.quorum import VoteResult
from cordwood.raft.tracker import Tracker


def tracker(*voters, outgoing=(), learners=(), last=0):
    made = Tracker(4, 1000)
    made.switch(Configuration(frozenset(voters), frozenset(outgoing), frozenset(learners)), last)
    return made


def test_who_stays_keeps_its_progress():
    members = tracker(1, 2)
    members.progress[2].match = 7
    members.progress[2].next = 8
    members.switch(Configuration(frozenset({2, 3})), last=9)
    assert sorted(members.progress) == [2, 3]
    assert members.progress[2].match == 7
    assert (members.progress[3].match, members.progress[3].next, members.progress[3].recent) == (0, 9, True)


def test_a_new_member_of_an_empty_log_is_probed_from_its_start():
    assert tracker(1).progress[1].next == 1


def test_a_new_term_forgets_everything():
    members = tracker(1, 2)
    members.progress[2].match = 3
    members.record_vote(1, granted=True)
    members.reset(last=5)
    follower = members.progress[2]
    assert (follower.match, follower.next, follower.recent) == (0, 6, False)
    assert follower.state is ProgressState.PROBE
    assert members.votes == {}


def test_committed_is_what_both_majorities_have_and_learners_do_not_count():
    members = tracker(1, 2, 3, outgoing=(1, 4), learners=(5,))
    for node, match in {1: 9, 2: 8, 3: 2, 4: 3, 5: 9}.items():
        members.progress[node].match = match
    assert members.committed() == 3


def test_a_quorum_is_active():
    members = tracker(1, 2, 3)
    members.reset(0)
    members.progress[1].recent = True
    assert not members.quorum_active()
    members.progress[3].recent = True
    assert members.quorum_active()


def test_the_first_vote_counts():
    members = tracker(1, 2, 3)
    members.record_vote(1, granted=True)
    members.record_vote(2, granted=False)
    members.record_vote(2, granted=True)
    assert members.vote_result() is VoteResult.PENDING
    members.record_vote(3, granted=False)
    assert members.vote_result() is VoteResult.LOST


def test_others_are_all_but_one_in_order():
    assert [node for node, _ in tracker(3, 1, learners=(2,)).others(1)] == [2, 3]


def test_a_learner_is_known():
    members = tracker(1, learners=(2,))
    assert members.is_learner(2)
    assert not members.is_learner(1)
