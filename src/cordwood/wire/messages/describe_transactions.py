"""DescribeTransactions: the state of transactional ids."""

from __future__ import annotations

from cordwood.wire.schema import Int16, Int32, Int64, Message, Struct, Versions


class DescribeTransactionsRequest(Message):
    """Asks for transactional ids by name (KIP-664). Version 0."""

    api_key = 65
    versions = Versions(0, 0)
    flexible_from = 0

    transactional_ids: list[str] = []


class TopicData(Struct):
    """Partitions of one topic."""

    topic: str = ""
    partitions: list[Int32] = []


class TransactionState(Struct):
    """The state of one transactional id, and the partitions of its transaction."""

    error_code: Int16 = 0
    transactional_id: str = ""
    transaction_state: str = ""
    transaction_timeout_ms: Int32 = 0
    transaction_start_time_ms: Int64 = 0
    producer_id: Int64 = 0
    producer_epoch: Int16 = 0
    topics: list[TopicData] = []


class DescribeTransactionsResponse(Message):
    """The states. Version 0."""

    api_key = 65
    versions = Versions(0, 0)
    flexible_from = 0

    throttle_time_ms: Int32 = 0
    transaction_states: list[TransactionState] = []
