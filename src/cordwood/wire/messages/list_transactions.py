"""ListTransactions: which transactional ids a broker coordinates."""

from __future__ import annotations

from typing import Annotated

from cordwood.wire.schema import Int16, Int32, Int64, Message, Struct, Versions, since


class ListTransactionsRequest(Message):
    """Asks for all transactions, or those that pass the filters (KIP-664). Versions 0 to 2.

    Version 1 filters by how long they have lasted (KIP-994), 2 by a pattern of the transactional id (KIP-1152).
    """

    api_key = 66
    versions = Versions(0, 2)
    flexible_from = 0

    state_filters: list[str] = []
    producer_id_filters: list[Int64] = []
    duration_filter: Annotated[Int64, since(1)] = -1
    transactional_id_pattern: Annotated[str | None, since(2)] = None


class TransactionState(Struct):
    """A transactional id, its producer and the name of its state."""

    transactional_id: str = ""
    producer_id: Int64 = 0
    transaction_state: str = ""


class ListTransactionsResponse(Message):
    """The transactions, and which of the states asked for do not exist. Versions 0 to 2."""

    api_key = 66
    versions = Versions(0, 2)
    flexible_from = 0

    throttle_time_ms: Int32 = 0
    error_code: Int16 = 0
    unknown_state_filters: list[str] = []
    transaction_states: list[TransactionState] = []
