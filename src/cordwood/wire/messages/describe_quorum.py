"""DescribeQuorum: who votes on the metadata, and how far each has come."""

from __future__ import annotations

from typing import Annotated

from cordwood.wire.schema import NO_UUID, Int16, Int32, Int64, Message, Struct, UInt16, Uuid, Versions, since


class PartitionData(Struct):
    """A partition."""

    partition_index: Int32 = 0


class TopicData(Struct):
    """Partitions of one topic."""

    topic_name: str = ""
    partitions: list[PartitionData] = []


class DescribeQuorumRequest(Message):
    """Asks for the quorum of partitions, of which there is one (KIP-595). Versions 0 to 2, all flexible."""

    api_key = 55
    versions = Versions(0, 2)
    flexible_from = 0

    topics: list[TopicData] = []


class ReplicaState(Struct):
    """How far a replica has come; -1 where nobody knows."""

    replica_id: Int32 = 0
    replica_directory_id: Annotated[Uuid, since(2)] = NO_UUID
    log_end_offset: Int64 = 0
    last_fetch_timestamp: Annotated[Int64, since(1)] = -1
    last_caught_up_timestamp: Annotated[Int64, since(1)] = -1


class PartitionQuorum(Struct):
    """The leader, the voters and the observers of one partition."""

    partition_index: Int32 = 0
    error_code: Int16 = 0
    error_message: Annotated[str | None, since(2)] = None
    leader_id: Int32 = 0
    leader_epoch: Int32 = 0
    high_watermark: Int64 = 0
    current_voters: list[ReplicaState] = []
    observers: list[ReplicaState] = []


class TopicQuorum(Struct):
    """The quorums of one topic."""

    topic_name: str = ""
    partitions: list[PartitionQuorum] = []


class Listener(Struct):
    """An endpoint of a node."""

    name: str = ""
    host: str = ""
    port: UInt16 = 0


class Node(Struct):
    """A node and its endpoints."""

    node_id: Int32 = 0
    listeners: list[Listener] = []


class DescribeQuorumResponse(Message):
    """The quorum. Versions 0 to 2; 1 brings times (KIP-836), 2 directories and endpoints (KIP-853)."""

    api_key = 55
    versions = Versions(0, 2)
    flexible_from = 0

    error_code: Int16 = 0
    error_message: Annotated[str | None, since(2)] = None
    topics: list[TopicQuorum] = []
    nodes: Annotated[list[Node], since(2)] = []
