"""A transactional producer: record type 0 of __transaction_state.

Lives here: declarations, with the names and defaults of Kafka's own schemas. Must not live here: code.
"""

from __future__ import annotations

from typing import Annotated

from cordwood.wire.schema import Format, Int8, Int16, Int32, Int64, Struct, Versions, tagged


class TransactionLogKey(Format):
    """A transactional id."""

    versions = Versions(0, 0)

    transactional_id: str = ""


class TransactionPartitions(Struct):
    """Partitions of a topic that are part of the transaction."""

    topic: str = ""
    partition_ids: list[Int32] = []


class TransactionLogValue(Format):
    """The state of a transaction. Versions 0 to 1; 1 is flexible and has what KIP-890 needs.

    The states: 0 empty, 1 ongoing, 2 prepare commit, 3 prepare abort, 4 complete commit, 5 complete abort, 6 dead,
    7 prepare epoch fence. Partitions are null in the state empty.
    """

    versions = Versions(0, 1)
    flexible_from = 1

    producer_id: Int64 = 0
    previous_producer_id: Annotated[Int64, tagged(0, since=1)] = -1
    next_producer_id: Annotated[Int64, tagged(1, since=1)] = -1
    producer_epoch: Int16 = 0
    next_producer_epoch: Annotated[Int16, tagged(3, since=1)] = -1
    transaction_timeout_ms: Int32 = 0
    transaction_status: Int8 = 0
    transaction_partitions: list[TransactionPartitions] | None = None
    transaction_last_update_timestamp_ms: Int64 = 0
    transaction_start_timestamp_ms: Int64 = 0
    client_transaction_version: Annotated[Int16, tagged(2, since=1)] = 0
