"""GetTelemetrySubscriptions: which metrics of clients the broker wants."""

from __future__ import annotations

from cordwood.wire.schema import NO_UUID, Int8, Int16, Int32, Message, Uuid, Versions


class GetTelemetrySubscriptionsRequest(Message):
    """Asks what to send; a client without an id gets one (KIP-714). Version 0."""

    api_key = 71
    versions = Versions(0, 0)
    flexible_from = 0

    client_instance_id: Uuid = NO_UUID


class GetTelemetrySubscriptionsResponse(Message):
    """What to send, how often and how packed; no metrics means none, an empty name all. Version 0."""

    api_key = 71
    versions = Versions(0, 0)
    flexible_from = 0

    throttle_time_ms: Int32 = 0
    error_code: Int16 = 0
    client_instance_id: Uuid = NO_UUID
    subscription_id: Int32 = 0
    accepted_compression_types: list[Int8] = []
    push_interval_ms: Int32 = 0
    telemetry_max_bytes: Int32 = 0
    delta_temporality: bool = False
    requested_metrics: list[str] = []
