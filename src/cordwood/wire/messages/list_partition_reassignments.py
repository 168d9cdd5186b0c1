"""ListPartitionReassignments: which partitions are on the move."""

from __future__ import annotations

from cordwood.wire.schema import Int16, Int32, Message, Struct, Versions


class ListPartitionReassignmentsTopics(Struct):
    """Partitions of one topic."""

    name: str = ""
    partition_indexes: list[Int32] = []


class ListPartitionReassignmentsRequest(Message):
    """Asks for moves that are under way; null stands for all (KIP-455). Version 0."""

    api_key = 46
    versions = Versions(0, 0)
    flexible_from = 0

    timeout_ms: Int32 = 60000
    topics: list[ListPartitionReassignmentsTopics] | None = None


class OngoingPartitionReassignment(Struct):
    """A partition: its brokers, those that come and those that go."""

    partition_index: Int32 = 0
    replicas: list[Int32] = []
    adding_replicas: list[Int32] = []
    removing_replicas: list[Int32] = []


class OngoingTopicReassignment(Struct):
    """Partitions of one topic."""

    name: str = ""
    partitions: list[OngoingPartitionReassignment] = []


class ListPartitionReassignmentsResponse(Message):
    """The moves. Version 0."""

    api_key = 46
    versions = Versions(0, 0)
    flexible_from = 0

    throttle_time_ms: Int32 = 0
    error_code: Int16 = 0
    error_message: str | None = None
    topics: list[OngoingTopicReassignment] = []
