"""DescribeTopicPartitions: the partitions of topics, page by page."""

from __future__ import annotations

from cordwood.wire.schema import NO_UUID, Int16, Int32, Message, Struct, Uuid, Versions


class TopicRequest(Struct):
    """A topic by name."""

    name: str = ""


class Cursor(Struct):
    """The first partition of a page."""

    topic_name: str = ""
    partition_index: Int32 = 0


class DescribeTopicPartitionsRequest(Message):
    """Asks for the partitions of topics, in the order of names, from `cursor` on (KIP-966). Version 0."""

    api_key = 75
    versions = Versions(0, 0)
    flexible_from = 0

    topics: list[TopicRequest] = []
    response_partition_limit: Int32 = 2000
    cursor: Cursor | None = None


class DescribeTopicPartitionsResponsePartition(Struct):
    """A partition, its leader, its replicas, and those that may be elected."""

    error_code: Int16 = 0
    partition_index: Int32 = 0
    leader_id: Int32 = 0
    leader_epoch: Int32 = -1
    replica_nodes: list[Int32] = []
    isr_nodes: list[Int32] = []
    eligible_leader_replicas: list[Int32] | None = None
    last_known_elr: list[Int32] | None = None
    offline_replicas: list[Int32] = []


class DescribeTopicPartitionsResponseTopic(Struct):
    """A topic, or why it cannot be told."""

    error_code: Int16 = 0
    name: str | None = None
    topic_id: Uuid = NO_UUID
    is_internal: bool = False
    partitions: list[DescribeTopicPartitionsResponsePartition] = []
    topic_authorized_operations: Int32 = -0x80000000


class DescribeTopicPartitionsResponse(Message):
    """One page of partitions; `next_cursor` is where the next begins. Version 0."""

    api_key = 75
    versions = Versions(0, 0)
    flexible_from = 0

    throttle_time_ms: Int32 = 0
    topics: list[DescribeTopicPartitionsResponseTopic] = []
    next_cursor: Cursor | None = None
