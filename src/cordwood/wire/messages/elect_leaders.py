"""ElectLeaders: gives partitions back to their preferred leaders, or to any replica that is left."""

from __future__ import annotations

from typing import Annotated

from cordwood.wire.schema import Int8, Int16, Int32, Message, Struct, Versions, since


class TopicPartitions(Struct):
    """Partitions of one topic."""

    topic: str = ""
    partitions: list[Int32] = []


class ElectLeadersRequest(Message):
    """Elects leaders; null stands for all partitions. Versions 0 to 2; 2 is flexible.

    Election types since version 1 (KIP-460): 0 the preferred replica, 1 any replica that lives, at the cost of records.
    """

    api_key = 43
    versions = Versions(0, 2)
    flexible_from = 2

    election_type: Annotated[Int8, since(1)] = 0
    topic_partitions: list[TopicPartitions] | None = None
    timeout_ms: Int32 = 60000


class PartitionResult(Struct):
    """The outcome for one partition."""

    partition_id: Int32 = 0
    error_code: Int16 = 0
    error_message: str | None = None


class ReplicaElectionResult(Struct):
    """The outcomes of one topic."""

    topic: str = ""
    partition_result: list[PartitionResult] = []


class ElectLeadersResponse(Message):
    """The outcome for each partition. Versions 0 to 2."""

    api_key = 43
    versions = Versions(0, 2)
    flexible_from = 2

    throttle_time_ms: Int32 = 0
    error_code: Annotated[Int16, since(1)] = 0
    replica_election_results: list[ReplicaElectionResult] = []
