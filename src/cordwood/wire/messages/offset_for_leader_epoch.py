"""OffsetForLeaderEpoch: where a leader's epoch ended, for clients and followers that look for divergence."""

from __future__ import annotations

from typing import Annotated

from cordwood.wire.schema import Int16, Int32, Int64, Message, Struct, Versions, since


class OffsetForLeaderPartition(Struct):
    """The epoch to look up in one partition."""

    partition: Int32 = 0
    current_leader_epoch: Int32 = -1
    leader_epoch: Int32 = 0


class OffsetForLeaderTopic(Struct):
    """What to look up in one topic."""

    topic: str = ""
    partitions: list[OffsetForLeaderPartition] = []


class OffsetForLeaderEpochRequest(Message):
    """Looks for the ends of leader epochs (KIP-101, KIP-320). Versions 2 to 4; 4 is flexible.

    `replica_id` is -1 for a consumer and -2 for a client that did not say.
    """

    api_key = 23
    versions = Versions(2, 4)
    flexible_from = 4

    replica_id: Annotated[Int32, since(3)] = -2
    topics: list[OffsetForLeaderTopic] = []


class EpochEndOffset(Struct):
    """The largest epoch up to the one asked for, and the offset after its last record."""

    error_code: Int16 = 0
    partition: Int32 = 0
    leader_epoch: Int32 = -1
    end_offset: Int64 = -1


class OffsetForLeaderTopicResult(Struct):
    """What was found in one topic."""

    topic: str = ""
    partitions: list[EpochEndOffset] = []


class OffsetForLeaderEpochResponse(Message):
    """The ends of the epochs. Versions 2 to 4."""

    api_key = 23
    versions = Versions(2, 4)
    flexible_from = 4

    throttle_time_ms: Int32 = 0
    topics: list[OffsetForLeaderTopicResult] = []
