"""What can be said of one member alone."""

from __future__ import annotations

from cordwood.groups.consumer.member import ClassicMember, Member, MemberMetadata, MemberState


def test_a_member_is_reconciled_when_it_is_stable_at_the_epoch():
    assert Member("m", epoch=3).is_reconciled_to(3)
    assert not Member("m", epoch=2).is_reconciled_to(3)
    assert not Member("m", epoch=3, state=MemberState.UNRELEASED_PARTITIONS).is_reconciled_to(3)


def test_a_classic_member_is_told_by_its_metadata():
    assert Member("m", MemberMetadata(classic=ClassicMember(6000, ()))).is_classic
    assert not Member("m").is_classic


def test_the_numbers_of_states_are_those_of_kafkas_records():
    assert [int(state) for state in MemberState] == [0, 1, 2, 127]
