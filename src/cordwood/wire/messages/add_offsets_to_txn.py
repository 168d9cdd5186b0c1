"""AddOffsetsToTxn: the offsets of a group become part of a transaction."""

from __future__ import annotations

from cordwood.wire.schema import Int16, Int32, Int64, Message, Versions


class AddOffsetsToTxnRequest(Message):
    """Adds the partition that keeps the offsets of a group. Versions 0 to 4; 3 is flexible."""

    api_key = 25
    versions = Versions(0, 4)
    flexible_from = 3

    transactional_id: str = ""
    producer_id: Int64 = 0
    producer_epoch: Int16 = 0
    group_id: str = ""


class AddOffsetsToTxnResponse(Message):
    """The outcome. Versions 0 to 4; 4 may answer TRANSACTION_ABORTABLE (KIP-890)."""

    api_key = 25
    versions = Versions(0, 4)
    flexible_from = 3

    throttle_time_ms: Int32 = 0
    error_code: Int16 = 0
