"""Records come to a group, also when some of them are missing."""

from __future__ import annotations

from typing import Any

from cordwood.groups.consumer import records
from cordwood.groups.consumer.group import ConsumerGroup, ResolvedRegex
from cordwood.groups.consumer.member import Member, MemberMetadata, MemberState
from cordwood.groups.consumer.replay import REPLAYS
from cordwood.groups.record import Record
from cordwood.model.ids import TopicId

P = frozenset({(TopicId(b"t" * 16), 0)})
NONE = frozenset[Any]()
METADATA = MemberMetadata(topics=frozenset({"t"}))


def replayed(*changes: Record, groups: dict[str, Any] | None = None) -> dict[str, Any]:
    """What the records come to."""
    groups = {} if groups is None else groups
    for change in changes:
        REPLAYS[type(change)](groups, change)
    return groups


def test_a_group_is_what_its_records_say():
    group = replayed(
        records.MemberStored("g", "m", METADATA),
        records.EpochStored("g", 2, 77),
        records.TargetStored("g", "m", P),
        records.TargetEpochStored("g", 2),
        records.CurrentStored("g", "m", 2, 1, MemberState.STABLE, P, NONE),
        records.RegexStored("g", "t.*", frozenset({"t"}), 9, 1000),
    )["g"]
    assert (group.epoch, group.metadata_hash, group.target_epoch) == (2, 77, 2)
    assert group.members == {"m": Member("m", METADATA, 2, 1, MemberState.STABLE, P)}
    assert group.targets == {"m": P}
    assert group.regexes == {"t.*": ResolvedRegex(frozenset({"t"}), 9, 1000)}


def test_removals_undo_it():
    groups = replayed(
        records.EpochStored("g", 1),
        records.MemberStored("g", "m", METADATA),
        records.CurrentStored("g", "m", 2, 1, MemberState.UNREVOKED_PARTITIONS, P, NONE),
        records.TargetStored("g", "m", P),
        records.TargetEpochStored("g", 2),
        records.RegexStored("g", "t.*", frozenset({"t"}), 9, 1000),
        records.PartitionMetadataStored("g"),
    )
    assert groups["g"].has_partition_metadata
    replayed(records.CurrentRemoved("g", "m"), groups=groups)
    assert groups["g"].members == {"m": Member("m", METADATA)}
    replayed(
        records.TargetRemoved("g", "m"),
        records.TargetEpochRemoved("g"),
        records.MemberRemoved("g", "m"),
        records.RegexRemoved("g", "t.*"),
        records.PartitionMetadataRemoved("g"),
        groups=groups,
    )
    empty = ConsumerGroup("g")
    empty.epoch = 1
    assert groups == {"g": empty}
    assert replayed(records.EpochRemoved("g"), groups=groups) == {}


def test_removals_of_what_is_not_there_are_nothing():
    removals = (
        records.CurrentRemoved("g", "m"),
        records.TargetRemoved("g", "m"),
        records.TargetEpochRemoved("g"),
        records.MemberRemoved("g", "m"),
        records.RegexRemoved("g", "x"),
        records.PartitionMetadataRemoved("g"),
        records.EpochRemoved("g"),
    )
    assert replayed(*removals) == {}
    groups = replayed(records.EpochStored("g", 1))
    assert replayed(*removals, groups=groups) == {}


def test_a_record_of_a_member_makes_what_is_missing():
    group = replayed(records.CurrentStored("g", "m", 2, 1, MemberState.STABLE, P, NONE))["g"]
    assert group.members["m"].assigned == P
    assert replayed(records.MemberStored("g", "m", METADATA), groups={"g": group})["g"].members["m"].epoch == 2


def test_a_group_of_another_kind_makes_place():
    assert isinstance(replayed(records.EpochStored("g", 1), groups={"g": "classic"})["g"], ConsumerGroup)
    assert replayed(records.EpochRemoved("g"), groups={"g": "classic"}) == {"g": "classic"}


def test_the_soft_state():
    groups = replayed(records.EpochStored("g", 1), records.TopicsSeen("g", 5), records.RejoinAwaited("g", "m"))
    assert groups["g"].topics_version == 5
    assert groups["g"].awaited == {"m"}
    assert replayed(records.Rejoined("g", "m"), groups=groups)["g"].awaited == set()
