"""The indexes of a group follow its members."""

from __future__ import annotations

import msgspec

from cordwood.groups.consumer.group import ConsumerGroup
from cordwood.groups.consumer.member import Member, MemberMetadata, MemberState
from cordwood.model.ids import TopicId

T = TopicId(b"t" * 16)


def test_owners_follow_what_members_have_and_give_up():
    group = ConsumerGroup("g")
    member = Member("m", assigned=frozenset({(T, 0), (T, 1)}))
    group.put_member(member)
    assert group.owners == {(T, 0): "m", (T, 1): "m"}
    member = msgspec.structs.replace(
        member, state=MemberState.UNREVOKED_PARTITIONS, assigned=frozenset({(T, 0)}), revoking=frozenset({(T, 1)})
    )
    group.put_member(member)
    assert group.owners == {(T, 0): "m", (T, 1): "m"}
    group.put_member(msgspec.structs.replace(member, revoking=frozenset()))
    assert group.owners == {(T, 0): "m"}
    group.remove_member("m")
    assert group.owners == {}


def test_a_partition_that_passed_on_is_not_forgotten_with_its_old_owner():
    group = ConsumerGroup("g")
    group.put_member(Member("a", assigned=frozenset({(T, 0)})))
    group.put_member(Member("b", assigned=frozenset({(T, 0)})))
    group.remove_member("a")
    assert group.owners == {(T, 0): "b"}


def test_an_instance_id_is_the_newest_members():
    group = ConsumerGroup("g")
    group.put_member(Member("a", MemberMetadata(instance_id="i")))
    group.put_member(Member("b", MemberMetadata(instance_id="i")))
    group.remove_member("a")
    found = group.static_member("i")
    assert found is not None
    assert found.id == "b"
    group.put_member(Member("b"))
    assert group.static_member("i") is None


def test_a_copy_changes_alone():
    group = ConsumerGroup("g")
    group.put_member(Member("a", MemberMetadata(instance_id="i"), assigned=frozenset({(T, 0)})))
    group.targets["a"] = frozenset({(T, 0)})
    group.topics_version = 3
    twin = group.copy()
    assert twin == group
    twin.remove_member("a")
    twin.awaited.add("a")
    assert twin != group
    assert group.owners == {(T, 0): "a"}
    assert not group.awaited
