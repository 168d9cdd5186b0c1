"""ListOffsets: the offset of the beginning, of the end, or of a time in a partition."""

from __future__ import annotations

from typing import Annotated

from cordwood.wire.schema import Int8, Int16, Int32, Int64, Message, Struct, Versions, since


class ListOffsetsPartition(Struct):
    """The time to look up in one partition: milliseconds, or one of the negative marks."""

    partition_index: Int32 = 0
    current_leader_epoch: Annotated[Int32, since(4)] = -1
    timestamp: Int64 = 0


class ListOffsetsTopic(Struct):
    """What to look up in one topic."""

    name: str = ""
    partitions: list[ListOffsetsPartition] = []


class ListOffsetsRequest(Message):
    """Looks for offsets. Versions 1 to 11; 6 is flexible.

    Times below zero are marks: -1 end, -2 beginning, -3 greatest timestamp (version 7), -4 beginning of the local log
    (8), -5 last tiered offset (9), -6 first offset that is not tiered yet (11). Version 10 adds a bound on waiting for
    tiered storage.
    """

    api_key = 2
    versions = Versions(1, 11)
    flexible_from = 6

    replica_id: Int32 = 0
    isolation_level: Annotated[Int8, since(2)] = 0
    topics: list[ListOffsetsTopic] = []
    timeout_ms: Annotated[Int32, since(10)] = 0


class ListOffsetsPartitionResponse(Struct):
    """The offset found in one partition, with the time of its record; -1 and -1 when there is none."""

    partition_index: Int32 = 0
    error_code: Int16 = 0
    timestamp: Int64 = -1
    offset: Int64 = -1
    leader_epoch: Annotated[Int32, since(4)] = -1


class ListOffsetsTopicResponse(Struct):
    """What was found in one topic."""

    name: str = ""
    partitions: list[ListOffsetsPartitionResponse] = []


class ListOffsetsResponse(Message):
    """The offsets that were found. Versions 1 to 11."""

    api_key = 2
    versions = Versions(1, 11)
    flexible_from = 6

    throttle_time_ms: Annotated[Int32, since(2)] = 0
    topics: list[ListOffsetsTopicResponse] = []
