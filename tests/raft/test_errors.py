"""Errors carry what happened as values."""

from __future__ import annotations

from cordwood.raft import errors


def test_all_problems_are_told_at_once():
    error = errors.InvalidRaftConfig(["one thing", "another"])
    assert error.problems == ("one thing", "another")
    assert str(error) == "one thing; another"


def test_a_dropped_proposal_says_why():
    error = errors.ProposalDropped(errors.DropReason.NO_LEADER)
    assert error.reason is errors.DropReason.NO_LEADER
    assert "try again" in str(error)


def test_errors_carry_their_values():
    assert errors.UnknownPeer(7).peer == 7
    assert (errors.Compacted(3, 5).index, errors.Compacted(3, 5).first) == (3, 5)
    assert (errors.Unavailable(9, 5).index, errors.Unavailable(9, 5).last) == (9, 5)
    assert (errors.TwoLeaders(4, (1, 2)).term, errors.TwoLeaders(4, (1, 2)).leaders) == (4, (1, 2))


def test_two_leaders_are_damage():
    assert issubclass(errors.TwoLeaders, errors.LogDamaged)
    assert issubclass(errors.LogDamaged, errors.RaftError)
