"""One of each record that is stored, with every field set."""

from __future__ import annotations

from cordwood.groups.classic.records import GroupRemoved, GroupStored, StoredMember
from cordwood.groups.consumer import records
from cordwood.groups.consumer.member import ClassicMember, ClassicProtocol, MemberMetadata, MemberState
from cordwood.groups.offsets.records import OffsetCommitted, OffsetRemoved
from cordwood.groups.record import Record
from cordwood.model.ids import TopicId

ONE, TWO = TopicId(b"1" * 16), TopicId(b"2" * 16)
PARTITIONS = frozenset({(ONE, 0), (ONE, 3), (TWO, 1)})

MEMBER = MemberMetadata(
    "instance", "rack", "client", "/10.0.0.1", frozenset({"orders", "payments"}), "pay.*", 30_000, "range"
)
CLASSIC = ClassicMember(45_000, (ClassicProtocol("range", b"\0\1"), ClassicProtocol("sticky", b"")))

SAMPLES: tuple[Record, ...] = (
    OffsetCommitted("g", "orders", 3, 1 << 40, 7, "a note", 1_700_000_000_000),
    OffsetCommitted("g", "orders", 3, 50, -1, "", 1_700_000_000_000, 1_700_000_060_000),
    OffsetRemoved("g", "orders", 3),
    GroupStored("g", 4, "consumer", "range", "m1", 1_700_000_000_000),
    GroupStored(
        "g",
        5,
        "connect",
        "sessioned",
        "m1",
        1_700_000_000_000,
        (
            StoredMember("m1", "i1", "client", "/10.0.0.1", 60_000, 10_000, b"subscription", b"assignment"),
            StoredMember("m2", None, "client", "/10.0.0.2", 60_000, 10_000, b"", b""),
        ),
    ),
    GroupRemoved("g"),
    records.EpochStored("g", 7, -(1 << 62)),
    records.EpochRemoved("g"),
    records.PartitionMetadataStored("g"),
    records.PartitionMetadataRemoved("g"),
    records.MemberStored("g", "m1", MEMBER),
    records.MemberStored("g", "m2", MemberMetadata(topics=frozenset({"orders"}), classic=CLASSIC)),
    records.MemberRemoved("g", "m1"),
    records.TargetEpochStored("g", 7),
    records.TargetEpochRemoved("g"),
    records.TargetStored("g", "m1", PARTITIONS),
    records.TargetRemoved("g", "m1"),
    records.CurrentStored("g", "m1", 7, 6, MemberState.UNREVOKED_PARTITIONS, PARTITIONS, frozenset({(TWO, 9)})),
    records.CurrentRemoved("g", "m1"),
    records.RegexStored("g", "pay.*", frozenset({"payments"}), 12, 1_700_000_000_000),
    records.RegexRemoved("g", "pay.*"),
)
