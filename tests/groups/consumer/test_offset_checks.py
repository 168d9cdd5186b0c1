"""Who may commit and fetch."""

from __future__ import annotations

import pytest

from cordwood.groups.consumer.group import ConsumerGroup
from cordwood.groups.consumer.member import ClassicMember, Member, MemberMetadata
from cordwood.groups.consumer.offset_checks import check_commit, check_fetch
from cordwood.model.group_errors import IllegalGeneration, StaleMemberEpoch, UnknownMember


@pytest.fixture
def group():
    group = ConsumerGroup("g")
    group.put_member(Member("m", epoch=3))
    group.put_member(Member("c", MemberMetadata(classic=ClassicMember(6000, ())), epoch=3))
    return group


def commit(group, member_id, epoch, *, transactional=False):
    check_commit(group, member_id, None, epoch, transactional=transactional)


@pytest.mark.parametrize("check", [commit, check_fetch])
def test_a_member_speaks_with_its_epoch(group, check):
    check(group, "m", 3)
    check(group, "c", 3)
    for epoch in (2, 4, -1):
        with pytest.raises(StaleMemberEpoch):
            check(group, "m", epoch)
        with pytest.raises(IllegalGeneration):
            check(group, "c", epoch)
    with pytest.raises(UnknownMember):
        check(group, "stranger", 3)


def test_who_is_in_no_group_commits_to_an_empty_one(group):
    commit(ConsumerGroup("g"), "", -1)
    with pytest.raises(UnknownMember):
        commit(group, "", -1)
    with pytest.raises(UnknownMember):
        commit(ConsumerGroup("g"), "m", 1)


def test_a_transactional_producer_need_not_say_for_whom(group):
    commit(group, "", -1, transactional=True)
    commit(group, "m", 3, transactional=True)
    with pytest.raises(StaleMemberEpoch):
        commit(group, "m", 2, transactional=True)
    with pytest.raises(UnknownMember):
        check_commit(group, "", "i", -1, transactional=True)


def test_who_names_no_member_may_fetch(group):
    check_fetch(group, None, -1)
    with pytest.raises(UnknownMember):
        check_fetch(group, None, 1)
