"""OffsetDelete: removes committed offsets of topics to which a group is not subscribed."""

from __future__ import annotations

from cordwood.wire.schema import Int16, Int32, Message, Struct, Versions


class OffsetDeleteRequestPartition(Struct):
    """One partition."""

    partition_index: Int32 = 0


class OffsetDeleteRequestTopic(Struct):
    """Partitions of one topic."""

    name: str = ""
    partitions: list[OffsetDeleteRequestPartition] = []


class OffsetDeleteRequest(Message):
    """Removes offsets (KIP-496). Version 0, never flexible."""

    api_key = 47
    versions = Versions(0, 0)

    group_id: str = ""
    topics: list[OffsetDeleteRequestTopic] = []


class OffsetDeleteResponsePartition(Struct):
    """The outcome for one partition."""

    partition_index: Int32 = 0
    error_code: Int16 = 0


class OffsetDeleteResponseTopic(Struct):
    """The outcomes of one topic."""

    name: str = ""
    partitions: list[OffsetDeleteResponsePartition] = []


class OffsetDeleteResponse(Message):
    """The outcome as a whole and for each partition. Version 0."""

    api_key = 47
    versions = Versions(0, 0)

    error_code: Int16 = 0
    throttle_time_ms: Int32 = 0
    topics: list[OffsetDeleteResponseTopic] = []
