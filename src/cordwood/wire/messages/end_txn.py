"""EndTxn: a transaction is committed or aborted."""

from __future__ import annotations

from typing import Annotated

from cordwood.wire.schema import Int16, Int32, Int64, Message, Versions, since


class EndTxnRequest(Message):
    """Commits or aborts. Versions 0 to 5; 3 is flexible."""

    api_key = 26
    versions = Versions(0, 5)
    flexible_from = 3

    transactional_id: str = ""
    producer_id: Int64 = 0
    producer_epoch: Int16 = 0
    committed: bool = False


class EndTxnResponse(Message):
    """The outcome, and since version 5 the id and epoch for the next transaction (KIP-890). Versions 0 to 5."""

    api_key = 26
    versions = Versions(0, 5)
    flexible_from = 3

    throttle_time_ms: Int32 = 0
    error_code: Int16 = 0
    producer_id: Annotated[Int64, since(5)] = -1
    producer_epoch: Annotated[Int16, since(5)] = -1
