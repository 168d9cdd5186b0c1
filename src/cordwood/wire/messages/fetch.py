"""Fetch: record batches read from partitions, by consumers and by followers."""

from __future__ import annotations

from typing import Annotated

from cordwood.wire.schema import (
    NO_UUID,
    DefaultStruct,
    Int8,
    Int16,
    Int32,
    Int64,
    Message,
    Records,
    Struct,
    Uuid,
    Versions,
    since,
    tagged,
    until,
)


class ReplicaState(DefaultStruct, frozen=True):
    """Who asks, when it is a follower (KIP-903)."""

    replica_id: Int32 = -1
    replica_epoch: Int64 = -1


class FetchPartition(Struct):
    """From where to read a partition, and how much."""

    partition: Int32 = 0
    current_leader_epoch: Annotated[Int32, since(9)] = -1
    fetch_offset: Int64 = 0
    last_fetched_epoch: Annotated[Int32, since(12)] = -1
    log_start_offset: Annotated[Int64, since(5)] = -1
    partition_max_bytes: Int32 = 0
    replica_directory_id: Annotated[Uuid, tagged(0, since=17)] = NO_UUID
    high_watermark: Annotated[Int64, tagged(1, since=18)] = 0x7FFFFFFFFFFFFFFF


class FetchTopic(Struct):
    """What to read of one topic."""

    topic: Annotated[str, until(12)] = ""
    topic_id: Annotated[Uuid, since(13)] = NO_UUID
    partitions: list[FetchPartition] = []


class ForgottenTopic(Struct):
    """Partitions to be taken out of the fetch session (KIP-227)."""

    topic: Annotated[str, until(12)] = ""
    topic_id: Annotated[Uuid, since(13)] = NO_UUID
    partitions: list[Int32] = []


class FetchRequest(Message):
    """Reads partitions, and may wait for new data. Versions 4 to 18.

    `max_wait_ms` bounds the wait for `min_bytes`. Version 7 brings fetch sessions (KIP-227), 12 is flexible and lets
    the broker see divergence, 13 names topics by id, 15 moves the replica into a tagged field, 18 carries the
    follower's high watermark (KIP-1166).
    """

    api_key = 1
    versions = Versions(4, 18)
    flexible_from = 12

    cluster_id: Annotated[str | None, tagged(0, since=12)] = None
    replica_id: Annotated[Int32, until(14)] = -1
    replica_state: Annotated[ReplicaState, tagged(1, since=15)] = ReplicaState()
    max_wait_ms: Int32 = 0
    min_bytes: Int32 = 0
    max_bytes: Int32 = 0x7FFFFFFF
    isolation_level: Int8 = 0
    session_id: Annotated[Int32, since(7)] = 0
    session_epoch: Annotated[Int32, since(7)] = -1
    topics: list[FetchTopic] = []
    forgotten_topics_data: Annotated[list[ForgottenTopic], since(7)] = []
    rack_id: Annotated[str, since(11)] = ""


class EpochEndOffset(DefaultStruct, frozen=True):
    """Up to where the log of the one who asks can agree with this one."""

    epoch: Int32 = -1
    end_offset: Int64 = -1


class LeaderIdAndEpoch(DefaultStruct, frozen=True):
    """The leader that the client should have asked."""

    leader_id: Int32 = -1
    leader_epoch: Int32 = -1


class SnapshotId(DefaultStruct, frozen=True):
    """The snapshot to fetch instead, in the log of the metadata quorum."""

    end_offset: Int64 = -1
    epoch: Int32 = -1


class AbortedTransaction(Struct):
    """A transaction whose records a reader of committed data leaves out."""

    producer_id: Int64 = 0
    first_offset: Int64 = 0


class PartitionData(Struct):
    """What was read of one partition, or an error; the records are sent without a copy."""

    partition_index: Int32 = 0
    error_code: Int16 = 0
    high_watermark: Int64 = 0
    last_stable_offset: Int64 = -1
    log_start_offset: Annotated[Int64, since(5)] = -1
    diverging_epoch: Annotated[EpochEndOffset, tagged(0, since=12)] = EpochEndOffset()
    current_leader: Annotated[LeaderIdAndEpoch, tagged(1, since=12)] = LeaderIdAndEpoch()
    snapshot_id: Annotated[SnapshotId, tagged(2, since=12)] = SnapshotId()
    aborted_transactions: list[AbortedTransaction] | None = None
    preferred_read_replica: Annotated[Int32, since(11)] = -1
    records: Records | None = None
    """Anything whose `len` is its size in bytes."""


class FetchableTopicResponse(Struct):
    """What was read of one topic."""

    topic: Annotated[str, until(12)] = ""
    topic_id: Annotated[Uuid, since(13)] = NO_UUID
    partitions: list[PartitionData] = []


class NodeEndpoint(Struct):
    """Where to reach a leader that is named in the response (KIP-951)."""

    node_id: Int32 = 0
    host: str = ""
    port: Int32 = 0
    rack: str | None = None


class FetchResponse(Message):
    """The batches that were read. Versions 4 to 18.

    The last batch of a partition may be cut off. `aborted_transactions` is null for readers of uncommitted data.
    """

    api_key = 1
    versions = Versions(4, 18)
    flexible_from = 12

    throttle_time_ms: Int32 = 0
    error_code: Annotated[Int16, since(7)] = 0
    session_id: Annotated[Int32, since(7)] = 0
    responses: list[FetchableTopicResponse] = []
    node_endpoints: Annotated[list[NodeEndpoint], tagged(0, since=16)] = []
