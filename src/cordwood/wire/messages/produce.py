"""Produce: record batches to be appended to partitions."""

from __future__ import annotations

from typing import Annotated

from cordwood.wire.schema import (
    NO_UUID,
    DefaultStruct,
    Int16,
    Int32,
    Int64,
    Message,
    RecordsView,
    Struct,
    Uuid,
    Versions,
    since,
    tagged,
    until,
)


class PartitionProduceData(Struct):
    """The batch for one partition; the records are a view of the received frame."""

    index: Int32 = 0
    records: RecordsView | None = None


class TopicProduceData(Struct):
    """What is to be appended to one topic."""

    name: Annotated[str, until(12)] = ""
    topic_id: Annotated[Uuid, since(13)] = NO_UUID
    partition_data: list[PartitionProduceData] = []


class ProduceRequest(Message):
    """Appends batches. Versions 0 to 13, of which 3 and later are served (older ones carry older message formats).

    `acks`: 0 is never answered, 1 waits for the leader, -1 for all in-sync replicas. Version 9 is flexible, 12 is for
    transactions with implicit partitions (KIP-890), 13 names topics by id.
    """

    api_key = 0
    versions = Versions(0, 13)
    flexible_from = 9

    transactional_id: Annotated[str | None, since(3)] = None
    acks: Int16 = 0
    timeout_ms: Int32 = 0
    topic_data: list[TopicProduceData] = []


class BatchIndexAndErrorMessage(Struct):
    """A record for which its batch was refused."""

    batch_index: Int32 = 0
    batch_index_error_message: str | None = None


class LeaderIdAndEpoch(DefaultStruct, frozen=True):
    """The leader that the client should have asked (KIP-951)."""

    leader_id: Int32 = -1
    leader_epoch: Int32 = -1


class PartitionProduceResponse(Struct):
    """The outcome for one partition: the offset of the first record, or an error."""

    index: Int32 = 0
    error_code: Int16 = 0
    base_offset: Int64 = 0
    log_append_time_ms: Annotated[Int64, since(2)] = -1
    log_start_offset: Annotated[Int64, since(5)] = -1
    record_errors: Annotated[list[BatchIndexAndErrorMessage], since(8)] = []
    error_message: Annotated[str | None, since(8)] = None
    current_leader: Annotated[LeaderIdAndEpoch, tagged(0, since=10)] = LeaderIdAndEpoch()


class TopicProduceResponse(Struct):
    """The outcome for one topic."""

    name: Annotated[str, until(12)] = ""
    topic_id: Annotated[Uuid, since(13)] = NO_UUID
    partition_responses: list[PartitionProduceResponse] = []


class NodeEndpoint(Struct):
    """Where to reach a leader that is named in the response (KIP-951)."""

    node_id: Int32 = 0
    host: str = ""
    port: Int32 = 0
    rack: str | None = None


class ProduceResponse(Message):
    """Says at which offsets the batches went in. Versions 0 to 13.

    Version 2 adds the broker's time of append, 5 the log's start, 8 the errors of single records, 10 the leader to ask
    instead.
    """

    api_key = 0
    versions = Versions(0, 13)
    flexible_from = 9

    responses: list[TopicProduceResponse] = []
    throttle_time_ms: Annotated[Int32, since(1)] = 0
    node_endpoints: Annotated[list[NodeEndpoint], tagged(0, since=10)] = []
