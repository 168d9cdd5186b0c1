"""DescribeProducers: who writes to partitions, and in which transactions."""

from __future__ import annotations

from cordwood.wire.schema import Int16, Int32, Int64, Message, Struct, Versions


class TopicRequest(Struct):
    """Partitions of one topic."""

    name: str = ""
    partition_indexes: list[Int32] = []


class DescribeProducersRequest(Message):
    """Asks for the producers of partitions (KIP-664). Version 0."""

    api_key = 61
    versions = Versions(0, 0)
    flexible_from = 0

    topics: list[TopicRequest] = []


class ProducerState(Struct):
    """A producer, its last batch, and where its open transaction began; -1 where there is none."""

    producer_id: Int64 = 0
    producer_epoch: Int32 = 0
    last_sequence: Int32 = -1
    last_timestamp: Int64 = -1
    coordinator_epoch: Int32 = 0
    current_txn_start_offset: Int64 = -1


class PartitionResponse(Struct):
    """The producers of one partition."""

    partition_index: Int32 = 0
    error_code: Int16 = 0
    error_message: str | None = None
    active_producers: list[ProducerState] = []


class TopicResponse(Struct):
    """The producers of one topic."""

    name: str = ""
    partitions: list[PartitionResponse] = []


class DescribeProducersResponse(Message):
    """The producers. Version 0."""

    api_key = 61
    versions = Versions(0, 0)
    flexible_from = 0

    throttle_time_ms: Int32 = 0
    topics: list[TopicResponse] = []
