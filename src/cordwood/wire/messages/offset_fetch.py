"""OffsetFetch: how far groups have read."""

from __future__ import annotations

from typing import Annotated

from cordwood.wire.schema import (
    NO_UUID,
    Int16,
    Int32,
    Int64,
    Message,
    Struct,
    Uuid,
    Versions,
    between,
    nullable,
    since,
    until,
)


class OffsetFetchRequestTopic(Struct):
    """Partitions of one topic, up to version 7."""

    name: str = ""
    partition_indexes: list[Int32] = []


class OffsetFetchRequestTopics(Struct):
    """Partitions of one topic, since version 8."""

    name: Annotated[str, until(9)] = ""
    topic_id: Annotated[Uuid, since(10)] = NO_UUID
    partition_indexes: list[Int32] = []


class OffsetFetchRequestGroup(Struct):
    """A group, and which of its offsets."""

    group_id: str = ""
    member_id: Annotated[str | None, since(9)] = None
    member_epoch: Annotated[Int32, since(9)] = -1
    topics: list[OffsetFetchRequestTopics] | None = None


class OffsetFetchRequest(Message):
    """Asks for the offsets of one group up to version 7, of `groups` since (KIP-709). Versions 1 to 10.

    Topics null stands for all of a group (version 2). Version 6 is flexible, 7 can ask for stable offsets only (KIP-447),
    9 carries the member's epoch (KIP-848), 10 names topics by id.
    """

    api_key = 9
    versions = Versions(1, 10)
    flexible_from = 6

    group_id: Annotated[str, until(7)] = ""
    topics: Annotated[list[OffsetFetchRequestTopic] | None, until(7), nullable(since=2)] = []
    groups: Annotated[list[OffsetFetchRequestGroup], since(8)] = []
    require_stable: Annotated[bool, since(7)] = False


class OffsetFetchResponsePartition(Struct):
    """The offset of one partition, up to version 7."""

    partition_index: Int32 = 0
    committed_offset: Int64 = 0
    committed_leader_epoch: Annotated[Int32, since(5)] = -1
    metadata: str | None = None
    error_code: Int16 = 0


class OffsetFetchResponseTopic(Struct):
    """The offsets of one topic, up to version 7."""

    name: str = ""
    partitions: list[OffsetFetchResponsePartition] = []


class OffsetFetchResponsePartitions(Struct):
    """The offset of one partition, since version 8."""

    partition_index: Int32 = 0
    committed_offset: Int64 = 0
    committed_leader_epoch: Int32 = -1
    metadata: str | None = None
    error_code: Int16 = 0


class OffsetFetchResponseTopics(Struct):
    """The offsets of one topic, since version 8."""

    name: Annotated[str, until(9)] = ""
    topic_id: Annotated[Uuid, since(10)] = NO_UUID
    partitions: list[OffsetFetchResponsePartitions] = []


class OffsetFetchResponseGroup(Struct):
    """The offsets of one group, or why they cannot be told."""

    group_id: str = ""
    topics: list[OffsetFetchResponseTopics] = []
    error_code: Int16 = 0


class OffsetFetchResponse(Message):
    """The offsets of one group up to version 7, of `groups` since. Versions 1 to 10.

    Offset -1 without an error means that nothing was committed.
    """

    api_key = 9
    versions = Versions(1, 10)
    flexible_from = 6

    throttle_time_ms: Annotated[Int32, since(3)] = 0
    topics: Annotated[list[OffsetFetchResponseTopic], until(7)] = []
    error_code: Annotated[Int16, between(2, 7)] = 0
    groups: Annotated[list[OffsetFetchResponseGroup], since(8)] = []
