"""UnregisterBroker: a broker leaves the cluster for good."""

from __future__ import annotations

from cordwood.wire.schema import Int16, Int32, Message, Versions


class UnregisterBrokerRequest(Message):
    """Takes out a broker that holds no replicas (KIP-500). Version 0."""

    api_key = 64
    versions = Versions(0, 0)
    flexible_from = 0

    broker_id: Int32 = 0


class UnregisterBrokerResponse(Message):
    """The outcome. Version 0."""

    api_key = 64
    versions = Versions(0, 0)
    flexible_from = 0

    throttle_time_ms: Int32 = 0
    error_code: Int16 = 0
    error_message: str | None = None
