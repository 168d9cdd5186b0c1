"""One object of every class that internal topics keep, with something in every field, and their bytes as Kafka writes them.

The bytes in tests/golden/stored were written by the classes of Apache Kafka 4.3 (group-coordinator and
transaction-coordinator), from the same values: for each class and version one line for the object here ("full") and one
for an object of defaults ("least").

Lives here: the objects and the reading of the files. Must not live here: tests.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from cordwood.wire.plan import StructPlan, plan
from cordwood.wire.schema import Format
from cordwood.wire.stored.classic_groups import GroupMetadataKey, GroupMetadataValue, MemberMetadata
from cordwood.wire.stored.consumer_groups import (
    ClassicMemberMetadata,
    ClassicProtocol,
    ConsumerGroupCurrentMemberAssignmentKey,
    ConsumerGroupCurrentMemberAssignmentValue,
    ConsumerGroupMemberMetadataKey,
    ConsumerGroupMemberMetadataValue,
    ConsumerGroupMetadataKey,
    ConsumerGroupMetadataValue,
    ConsumerGroupPartitionMetadataKey,
    ConsumerGroupPartitionMetadataValue,
    ConsumerGroupRegularExpressionKey,
    ConsumerGroupRegularExpressionValue,
    ConsumerGroupTargetAssignmentMemberKey,
    ConsumerGroupTargetAssignmentMemberValue,
    ConsumerGroupTargetAssignmentMetadataKey,
    ConsumerGroupTargetAssignmentMetadataValue,
    PartitionMetadata,
    TopicMetadata,
    TopicPartition,
    TopicPartitions,
)
from cordwood.wire.stored.group_offsets import OffsetCommitKey, OffsetCommitValue
from cordwood.wire.stored.transactions import TransactionLogKey, TransactionLogValue, TransactionPartitions

GOLDEN: Final = Path(__file__).parents[2] / "golden" / "stored"
TOPIC_ID: Final = bytes(range(1, 17))
SINCE_MS: Final = 1_763_000_000_000

GROUP_OFFSETS: Final[tuple[Format, ...]] = (
    OffsetCommitKey(group="billing", topic="orders", partition=7),
    OffsetCommitValue(
        offset=1 << 40,
        leader_epoch=12,
        metadata="up to here",
        commit_timestamp=SINCE_MS,
        expire_timestamp=SINCE_MS + 5,
        topic_id=TOPIC_ID,
    ),
)
CLASSIC_GROUPS: Final[tuple[Format, ...]] = (
    GroupMetadataKey(group="billing"),
    GroupMetadataValue(
        protocol_type="consumer",
        generation=3,
        protocol="range",
        leader="m-1",
        current_state_timestamp=SINCE_MS,
        members=[
            MemberMetadata("m-1", "first", "client", "/127.0.0.1", 300_000, 45_000, b"sub", b"assigned"),
            MemberMetadata("m-2", None, "", "", 1, 2, b"", b""),
        ],
    ),
)
CONSUMER_GROUPS: Final[tuple[Format, ...]] = (
    ConsumerGroupMetadataKey(group_id="billing"),
    ConsumerGroupMetadataValue(epoch=5, metadata_hash=-9_000_000_000_000_000_000),
    ConsumerGroupPartitionMetadataKey(group_id="billing"),
    ConsumerGroupPartitionMetadataValue(
        [TopicMetadata(TOPIC_ID, "orders", 2, [PartitionMetadata(1, ["east", "west"])])]
    ),
    ConsumerGroupMemberMetadataKey(group_id="billing", member_id="m-1"),
    ConsumerGroupMemberMetadataValue(
        instance_id="first",
        rack_id="east",
        client_id="client",
        client_host="/127.0.0.1",
        subscribed_topic_names=["orders", "refunds"],
        subscribed_topic_regex="o.*",
        rebalance_timeout_ms=300_000,
        server_assignor="uniform",
        classic_member_metadata=ClassicMemberMetadata(45_000, [ClassicProtocol("range", b"sub")]),
    ),
    ConsumerGroupTargetAssignmentMetadataKey(group_id="billing"),
    ConsumerGroupTargetAssignmentMetadataValue(assignment_epoch=5, assignment_timestamp=SINCE_MS),
    ConsumerGroupTargetAssignmentMemberKey(group_id="billing", member_id="m-1"),
    ConsumerGroupTargetAssignmentMemberValue([TopicPartition(TOPIC_ID, [0, 1, 2])]),
    ConsumerGroupCurrentMemberAssignmentKey(group_id="billing", member_id="m-1"),
    ConsumerGroupCurrentMemberAssignmentValue(
        member_epoch=5,
        previous_member_epoch=4,
        state=1,
        assigned_partitions=[TopicPartitions(TOPIC_ID, [0, 1], [4, 5])],
        partitions_pending_revocation=[TopicPartitions(TOPIC_ID, [2])],
    ),
    ConsumerGroupRegularExpressionKey(group_id="billing", regular_expression="o.*"),
    ConsumerGroupRegularExpressionValue(topics=["orders"], version=77, timestamp=SINCE_MS),
)
TRANSACTIONS: Final[tuple[Format, ...]] = (
    TransactionLogKey(transactional_id="mover"),
    TransactionLogValue(
        producer_id=4000,
        previous_producer_id=3000,
        next_producer_id=5000,
        producer_epoch=9,
        next_producer_epoch=10,
        transaction_timeout_ms=60_000,
        transaction_status=1,
        transaction_partitions=[TransactionPartitions("orders", [0, 3]), TransactionPartitions("refunds", [1])],
        transaction_last_update_timestamp_ms=SINCE_MS,
        transaction_start_timestamp_ms=SINCE_MS - 9,
        client_transaction_version=2,
    ),
)
FILES: Final = {
    "group-offsets": GROUP_OFFSETS,
    "classic-groups": CLASSIC_GROUPS,
    "consumer-groups": CONSUMER_GROUPS,
    "transactions": TRANSACTIONS,
}


def cases(name: str) -> list[Any]:
    """`(object, version, bytes without the number in front)` for every line of a file."""
    full = {type(one).__name__: one for one in FILES[name]}
    found = []
    for line in (GOLDEN / f"{name}.txt").read_text("ascii").splitlines():
        title, content, wire = line.split()
        class_name, _, version = title.partition(".v")
        one = full[class_name]
        found.append((one if content == "full" else type(one)(), int(version), bytes.fromhex(wire)))
    return found


def expected_titles(name: str) -> list[str]:
    """What the lines of a file must begin with."""
    return [
        f"{type(one).__name__}.v{version} {content}"
        for one in FILES[name]
        for version in range(one.versions.first, one.versions.last + 1)
        for content in ("full", "least")
    ]


def titles(name: str) -> list[str]:
    """What they do begin with."""
    return [line.rpartition(" ")[0] for line in (GOLDEN / f"{name}.txt").read_text("ascii").splitlines()]


def as_of(one: Format, version: int) -> Format:
    """An object as a version can say it: the other fields hold their defaults."""
    return _cut(one, plan(type(one), version))


def _cut(item: Any, layout: StructPlan) -> Any:
    kept = {}
    for field in layout.fields:
        value = getattr(item, field.name)
        if not field.is_present:
            value = field.default
        elif field.struct is not None and isinstance(value, list):
            value = [_cut(element, field.struct) for element in value]
        elif field.struct is not None and value is not None:
            value = _cut(value, field.struct)
        kept[field.name] = value
    return layout.cls(**kept)
