"""OffsetCommit: how far a group has read."""

from __future__ import annotations

from typing import Annotated

from cordwood.wire.schema import NO_UUID, Int16, Int32, Int64, Message, Struct, Uuid, Versions, since, until


class OffsetCommitRequestPartition(Struct):
    """The next offset to read of one partition, and what the client wants to keep with it."""

    partition_index: Int32 = 0
    committed_offset: Int64 = 0
    committed_leader_epoch: Annotated[Int32, since(6)] = -1
    committed_metadata: str | None = None


class OffsetCommitRequestTopic(Struct):
    """The offsets of one topic."""

    name: Annotated[str, until(9)] = ""
    topic_id: Annotated[Uuid, since(10)] = NO_UUID
    partitions: list[OffsetCommitRequestPartition] = []


class OffsetCommitRequest(Message):
    """Commits the offsets of a group. Versions 2 to 10; 8 is flexible, 10 names topics by id (KIP-848).

    `generation_id_or_member_epoch` is -1 for a commit by nobody in the group. A retention time is taken up to version 4.
    """

    api_key = 8
    versions = Versions(2, 10)
    flexible_from = 8

    group_id: str = ""
    generation_id_or_member_epoch: Int32 = -1
    member_id: str = ""
    group_instance_id: Annotated[str | None, since(7)] = None
    retention_time_ms: Annotated[Int64, until(4)] = -1
    topics: list[OffsetCommitRequestTopic] = []


class OffsetCommitResponsePartition(Struct):
    """The outcome for one partition."""

    partition_index: Int32 = 0
    error_code: Int16 = 0


class OffsetCommitResponseTopic(Struct):
    """The outcomes of one topic."""

    name: Annotated[str, until(9)] = ""
    topic_id: Annotated[Uuid, since(10)] = NO_UUID
    partitions: list[OffsetCommitResponsePartition] = []


class OffsetCommitResponse(Message):
    """The outcome for each partition. Versions 2 to 10."""

    api_key = 8
    versions = Versions(2, 10)
    flexible_from = 8

    throttle_time_ms: Annotated[Int32, since(3)] = 0
    topics: list[OffsetCommitResponseTopic] = []
