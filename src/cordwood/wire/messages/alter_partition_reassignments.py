"""AlterPartitionReassignments: moves partitions to other brokers."""

from __future__ import annotations

from typing import Annotated

from cordwood.wire.schema import Int16, Int32, Message, Struct, Versions, since


class ReassignablePartition(Struct):
    """The brokers that a partition is to have; null ends a move that is under way."""

    partition_index: Int32 = 0
    replicas: list[Int32] | None = None


class ReassignableTopic(Struct):
    """Partitions of one topic."""

    name: str = ""
    partitions: list[ReassignablePartition] = []


class AlterPartitionReassignmentsRequest(Message):
    """Moves partitions (KIP-455). Versions 0 to 1; 1 can forbid another number of replicas (KIP-860)."""

    api_key = 45
    versions = Versions(0, 1)
    flexible_from = 0

    timeout_ms: Int32 = 60000
    allow_replication_factor_change: Annotated[bool, since(1)] = True
    topics: list[ReassignableTopic] = []


class ReassignablePartitionResponse(Struct):
    """The outcome for one partition."""

    partition_index: Int32 = 0
    error_code: Int16 = 0
    error_message: str | None = None


class ReassignableTopicResponse(Struct):
    """The outcomes of one topic."""

    name: str = ""
    partitions: list[ReassignablePartitionResponse] = []


class AlterPartitionReassignmentsResponse(Message):
    """The outcome as a whole and for each partition. Versions 0 to 1."""

    api_key = 45
    versions = Versions(0, 1)
    flexible_from = 0

    throttle_time_ms: Int32 = 0
    allow_replication_factor_change: Annotated[bool, since(1)] = True
    error_code: Int16 = 0
    error_message: str | None = None
    responses: list[ReassignableTopicResponse] = []
