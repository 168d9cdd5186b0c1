"""TxnOffsetCommit: how far a group has read, valid once the transaction is committed."""

from __future__ import annotations

from typing import Annotated

from cordwood.wire.schema import Int16, Int32, Int64, Message, Struct, Versions, since


class TxnOffsetCommitRequestPartition(Struct):
    """The next offset to read of one partition, and what the client wants to keep with it."""

    partition_index: Int32 = 0
    committed_offset: Int64 = 0
    committed_leader_epoch: Annotated[Int32, since(2)] = -1
    committed_metadata: str | None = None


class TxnOffsetCommitRequestTopic(Struct):
    """The offsets of one topic."""

    name: str = ""
    partitions: list[TxnOffsetCommitRequestPartition] = []


class TxnOffsetCommitRequest(Message):
    """Commits the offsets of a group inside of a transaction. Versions 0 to 5; 3 is flexible.

    Version 3 brings the member, so that one that was fenced cannot commit (KIP-447); 5 adds the group to the transaction
    by itself (KIP-890).
    """

    api_key = 28
    versions = Versions(0, 5)
    flexible_from = 3

    transactional_id: str = ""
    group_id: str = ""
    producer_id: Int64 = 0
    producer_epoch: Int16 = 0
    generation_id: Annotated[Int32, since(3)] = -1
    member_id: Annotated[str, since(3)] = ""
    group_instance_id: Annotated[str | None, since(3)] = None
    topics: list[TxnOffsetCommitRequestTopic] = []


class TxnOffsetCommitResponsePartition(Struct):
    """The outcome for one partition."""

    partition_index: Int32 = 0
    error_code: Int16 = 0


class TxnOffsetCommitResponseTopic(Struct):
    """The outcomes of one topic."""

    name: str = ""
    partitions: list[TxnOffsetCommitResponsePartition] = []


class TxnOffsetCommitResponse(Message):
    """The outcome for each partition. Versions 0 to 5."""

    api_key = 28
    versions = Versions(0, 5)
    flexible_from = 3

    throttle_time_ms: Int32 = 0
    topics: list[TxnOffsetCommitResponseTopic] = []
