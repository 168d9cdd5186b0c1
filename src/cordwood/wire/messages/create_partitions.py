"""CreatePartitions: more partitions for topics that exist."""

from __future__ import annotations

from cordwood.wire.schema import Int16, Int32, Message, Struct, Versions


class CreatePartitionsAssignment(Struct):
    """The brokers of one new partition."""

    broker_ids: list[Int32] = []


class CreatePartitionsTopic(Struct):
    """The number of partitions that a topic shall have in all."""

    name: str = ""
    count: Int32 = 0
    assignments: list[CreatePartitionsAssignment] | None = None


class CreatePartitionsRequest(Message):
    """Adds partitions to topics. Versions 0 to 3; 2 is flexible."""

    api_key = 37
    versions = Versions(0, 3)
    flexible_from = 2

    topics: list[CreatePartitionsTopic] = []
    timeout_ms: Int32 = 0
    validate_only: bool = False


class CreatePartitionsTopicResult(Struct):
    """The outcome for one topic."""

    name: str = ""
    error_code: Int16 = 0
    error_message: str | None = None


class CreatePartitionsResponse(Message):
    """The outcome for each topic. Versions 0 to 3."""

    api_key = 37
    versions = Versions(0, 3)
    flexible_from = 2

    throttle_time_ms: Int32 = 0
    results: list[CreatePartitionsTopicResult] = []
