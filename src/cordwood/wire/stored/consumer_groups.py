"""A group of the protocol of KIP-848: record types 3 to 8 and 16 of __consumer_offsets, all versions of values 0.

The state of a group is spread over its records: the epoch, each member, the target assignment of each member and what
each member has of it, so that a change writes only what changed.

Lives here: declarations, with the names and defaults of Kafka's own schemas. Must not live here: code.
"""

from __future__ import annotations

from typing import Annotated

from cordwood.wire.schema import NO_UUID, Format, Int8, Int32, Int64, Struct, Uuid, Versions, tagged


class ConsumerGroupMetadataKey(Format):
    """Type 3: a group."""

    versions = Versions(0, 0)

    group_id: str = ""


class ConsumerGroupMetadataValue(Format):
    """The epoch of a group, and a hash over the topics that it subscribes to, which tells when they changed."""

    versions = Versions(0, 0)
    flexible_from = 0

    epoch: Int32 = 0
    metadata_hash: Annotated[Int64, tagged(0, since=0)] = 0


class ConsumerGroupPartitionMetadataKey(Format):
    """Type 4: a group."""

    versions = Versions(0, 0)

    group_id: str = ""


class PartitionMetadata(Struct):
    """The racks of a partition."""

    partition: Int32 = 0
    racks: list[str] = []


class TopicMetadata(Struct):
    """A topic, and how many partitions it has."""

    topic_id: Uuid = NO_UUID
    topic_name: str = ""
    num_partitions: Int32 = 0
    partition_metadata: list[PartitionMetadata] = []


class ConsumerGroupPartitionMetadataValue(Format):
    """The topics of a group; since the hash of type 3 only read, and removed."""

    versions = Versions(0, 0)
    flexible_from = 0

    topics: list[TopicMetadata] = []


class ConsumerGroupMemberMetadataKey(Format):
    """Type 5: a member."""

    versions = Versions(0, 0)

    group_id: str = ""
    member_id: str = ""


class ClassicProtocol(Struct):
    """A way to share the work that a classic member knows."""

    name: str = ""
    metadata: bytes = b""


class ClassicMemberMetadata(Struct):
    """What else there is of a member that speaks the classic protocol."""

    session_timeout_ms: Int32 = 0
    supported_protocols: list[ClassicProtocol] = []


class ConsumerGroupMemberMetadataValue(Format):
    """Who a member is, and what it subscribes to."""

    versions = Versions(0, 0)
    flexible_from = 0

    instance_id: str | None = None
    rack_id: str | None = None
    client_id: str = ""
    client_host: str = ""
    subscribed_topic_names: list[str] = []
    subscribed_topic_regex: str | None = None
    rebalance_timeout_ms: Int32 = -1
    server_assignor: str | None = None
    classic_member_metadata: Annotated[ClassicMemberMetadata | None, tagged(0, since=0)] = None


class ConsumerGroupTargetAssignmentMetadataKey(Format):
    """Type 6: a group."""

    versions = Versions(0, 0)

    group_id: str = ""


class ConsumerGroupTargetAssignmentMetadataValue(Format):
    """The epoch of the target assignment, and when it was made."""

    versions = Versions(0, 0)
    flexible_from = 0

    assignment_epoch: Int32 = 0
    assignment_timestamp: Annotated[Int64, tagged(0, since=0)] = 0


class ConsumerGroupTargetAssignmentMemberKey(Format):
    """Type 7: a member."""

    versions = Versions(0, 0)

    group_id: str = ""
    member_id: str = ""


class TopicPartition(Struct):
    """Partitions of a topic."""

    topic_id: Uuid = NO_UUID
    partitions: list[Int32] = []


class ConsumerGroupTargetAssignmentMemberValue(Format):
    """What a member is to have."""

    versions = Versions(0, 0)
    flexible_from = 0

    topic_partitions: list[TopicPartition] = []


class ConsumerGroupCurrentMemberAssignmentKey(Format):
    """Type 8: a member."""

    versions = Versions(0, 0)

    group_id: str = ""
    member_id: str = ""


class TopicPartitions(Struct):
    """Partitions of a topic, and since when the member has each of them, which fences late commits."""

    topic_id: Uuid = NO_UUID
    partitions: list[Int32] = []
    assignment_epochs: Annotated[list[Int32] | None, tagged(0, since=0)] = None


class ConsumerGroupCurrentMemberAssignmentValue(Format):
    """How far a member has come on the way to its target."""

    versions = Versions(0, 0)
    flexible_from = 0

    member_epoch: Int32 = 0
    previous_member_epoch: Int32 = 0
    state: Int8 = 0
    assigned_partitions: list[TopicPartitions] = []
    partitions_pending_revocation: list[TopicPartitions] = []


class ConsumerGroupRegularExpressionKey(Format):
    """Type 16: a regular expression to which members subscribe."""

    versions = Versions(0, 0)

    group_id: str = ""
    regular_expression: str = ""


class ConsumerGroupRegularExpressionValue(Format):
    """The topics that it matched, in which version of the metadata and when."""

    versions = Versions(0, 0)
    flexible_from = 0

    topics: list[str] = []
    version: Int64 = 0
    timestamp: Int64 = 0
