"""What becomes of a proposal."""

from __future__ import annotations

import pytest

from cordwood.raft import LEAVE_JOINT, Change, ChangeKind, ConfChange, Transition
from cordwood.raft.changes import encode_change
from cordwood.raft.entries import ENTRY_OVERHEAD, Entry, EntryKind, Position
from cordwood.raft.errors import DropReason, InvalidChange, ProposalDropped
from cordwood.raft.messages import Propose
from tests.raft.cluster import Cluster, normal

ADD_4 = ConfChange((Change(ChangeKind.ADD_VOTER, 4),))
JOINT = ConfChange((Change(ChangeKind.ADD_VOTER, 4),), Transition.JOINT_EXPLICIT)


def reason(caught):
    return caught.value.reason


def test_a_leader_says_where_the_entries_are():
    cluster = Cluster(1, 2, 3)
    cluster.elect(1)
    assert cluster[1].propose(b"a", b"b") == Position(2, 4)


def test_a_follower_hands_proposals_on():
    cluster = Cluster(1, 2, 3)
    cluster.elect(1)
    assert cluster[2].propose(b"a") is None
    cluster.settle()
    assert cluster.applied[3] == [b"a"]


def test_proposals_are_handed_on_in_messages_of_their_size():
    cluster = Cluster(1, 2, 3, max_size_per_message=2 * ENTRY_OVERHEAD + 2)
    cluster.elect(1)
    cluster[2].propose(b"a", b"b", b"c", b"long" * 20, b"d")
    cluster.settle()
    sizes = [len(message.entries) for message in cluster.sent if isinstance(message, Propose)]
    assert sizes == [2, 1, 1, 1]
    assert cluster.applied[1] == [b"a", b"b", b"c", b"long" * 20, b"d"]


@pytest.mark.parametrize(
    ("config", "prepare", "node", "expected"),
    [
        ({}, lambda cluster: None, 1, DropReason.NO_LEADER),
        ({"forward_proposals": False}, lambda cluster: cluster.elect(1), 2, DropReason.NOT_FORWARDED),
        ({"max_entry_size": 30}, lambda cluster: cluster.elect(1), 1, DropReason.TOO_LARGE),
        ({"max_entry_size": 30}, lambda cluster: cluster.elect(1), 2, DropReason.TOO_LARGE),
    ],
)
def test_why_a_proposal_is_dropped(config, prepare, node, expected):
    cluster = Cluster(1, 2, 3, **config)
    prepare(cluster)
    with pytest.raises(ProposalDropped) as caught:
        cluster[node].propose(b"12345678")
    assert reason(caught) is expected


def test_during_a_handover_nothing_is_taken_in():
    cluster = Cluster(1, 2, 3)
    cluster.elect(1)
    cluster.cut(2)
    cluster[1].transfer_leadership(2)
    with pytest.raises(ProposalDropped) as caught:
        cluster[1].propose(b"a")
    assert reason(caught) is DropReason.TRANSFERRING


def test_a_leader_that_is_no_member_takes_nothing_in():
    cluster = Cluster(1, 2, 3, step_down_on_removal=False)
    cluster.elect(1).propose_conf_change(ConfChange((Change(ChangeKind.REMOVE, 1),)))
    cluster.settle()
    with pytest.raises(ProposalDropped) as caught:
        cluster[1].propose(b"a")
    assert reason(caught) is DropReason.NOT_A_MEMBER


def test_what_is_not_committed_is_bounded_but_one_is_always_taken():
    cluster = Cluster(1, 2, 3, max_uncommitted_size=10)
    cluster.elect(1)
    cluster.cut(2, 3)
    cluster[1].propose(b"much more than ten bytes")
    with pytest.raises(ProposalDropped) as caught:
        cluster[1].propose(b"a")
    assert reason(caught) is DropReason.TOO_MUCH_UNCOMMITTED
    cluster[1].propose(b"")
    cluster.heal()
    cluster.tick(2)
    cluster[1].propose(b"a")
    cluster.settle()
    assert cluster.applied[2][-1] == b"a"


def test_what_cannot_be_taken_in_from_a_follower_is_dropped_without_a_word():
    cluster = Cluster(1, 2, 3)
    cluster.elect(1)
    garbage = Entry(0, 0, EntryKind.CONF_CHANGE, b"\xff")
    cluster[1].step(Propose(2, 1, 0, (normal(0, 0, b"a"), garbage)))
    cluster.settle()
    assert cluster.applied[1] == []
    assert "dropped proposals of 2" in cluster.trace[-1]


def test_what_a_follower_hands_on_is_bounded_as_well():
    cluster = Cluster(1, 2, 3, max_entry_size=30)
    cluster.elect(1)
    cluster[1].step(Propose(2, 1, 0, (normal(0, 0, bytes(31)),)))
    cluster.settle()
    assert "max_entry_size" in cluster.trace[-1]


def test_one_change_at_a_time():
    cluster = Cluster(1, 2, 3)
    cluster.elect(1)
    cluster.cut(2, 3)
    cluster[1].propose_conf_change(ADD_4)
    with pytest.raises(ProposalDropped) as caught:
        cluster[1].propose_conf_change(ADD_4)
    assert reason(caught) is DropReason.CHANGE_PENDING


def test_a_new_leader_takes_no_change_before_it_applied_what_it_found():
    cluster = Cluster(1, 2, 3)
    cluster.elect(1).propose(b"a")
    cluster.settle()
    cluster.cut(1)
    for node in (2, 3):
        cluster[node].forget_leader()
    cluster[2].campaign()
    cluster.settle()
    leader = cluster.raft(2)
    leader.pending_change = leader.log.applied + 1
    with pytest.raises(ProposalDropped):
        cluster[2].propose_conf_change(ADD_4)


@pytest.mark.parametrize(
    ("before", "change", "fault"),
    [(None, LEAVE_JOINT, "not joint"), (JOINT, ADD_4, "joint"), (JOINT, JOINT, "joint already")],
)
def test_a_change_must_fit(before, change, fault):
    cluster = Cluster(1, 2, 3)
    cluster.elect(1)
    if before:
        cluster[1].propose_conf_change(before)
        cluster.settle()
    last = cluster[1].status().last
    with pytest.raises(InvalidChange, match=fault):
        cluster[1].propose_conf_change(change)
    assert cluster[1].status().last == last


def test_without_validation_a_change_need_not_fit():
    cluster = Cluster(1, 2, 3, validate_changes=False)
    cluster.elect(1)
    assert cluster[1].propose_conf_change(LEAVE_JOINT) == Position(2, 3)


def test_two_changes_in_one_message_are_one_too_many():
    cluster = Cluster(1, 2, 3)
    cluster.elect(1)
    entry = Entry(0, 0, EntryKind.CONF_CHANGE, encode_change(ADD_4))
    cluster[1].step(Propose(2, 1, 0, (entry, entry)))
    assert "another change" in cluster.trace[-1]
