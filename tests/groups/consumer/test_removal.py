"""The records that take groups away leave nothing."""

from __future__ import annotations

from cordwood.groups.consumer import records
from cordwood.groups.consumer.removal import group_removal, member_removal
from tests.groups.consumer.shard import FakeShard
from tests.groups.topics import FakeTopics


def test_a_group_is_removed_with_all_that_is_stored_of_it():
    shard = FakeShard(FakeTopics(t=2))
    shard.join("a", "t", regex="t")
    shard.group.has_partition_metadata = True
    removal = group_removal(shard.group)
    assert records.RegexRemoved("g", "t") in removal
    assert records.PartitionMetadataRemoved("g") in removal
    assert removal[-1] == records.EpochRemoved("g")
    for record in removal:
        shard.shard.replay(record)
    assert shard.groups == {}


def test_a_member_is_removed_last():
    kinds = [type(record) for record in member_removal("g", "m")]
    assert kinds == [records.CurrentRemoved, records.TargetRemoved, records.MemberRemoved]
