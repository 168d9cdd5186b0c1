"""TransferLeadership: another voter is to lead the quorum. Private to Cordwood: Kafka has no request for it."""

from __future__ import annotations

from cordwood.wire.schema import Int16, Int32, Message, Versions


class TransferLeadershipRequest(Message):
    """Asks the leader to hand over to a voter. Version 0."""

    api_key = 20_002
    versions = Versions(0, 0)
    flexible_from = 0

    cluster_id: str | None = None
    timeout_ms: Int32 = 0
    target_id: Int32 = 0


class TransferLeadershipResponse(Message):
    """The outcome. Version 0."""

    api_key = 20_002
    versions = Versions(0, 0)
    flexible_from = 0

    throttle_time_ms: Int32 = 0
    error_code: Int16 = 0
    error_message: str | None = None
