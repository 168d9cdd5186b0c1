"""PushTelemetry: metrics of a client."""

from __future__ import annotations

from cordwood.wire.schema import NO_UUID, Int8, Int16, Int32, Message, Uuid, Versions


class PushTelemetryRequest(Message):
    """Sends metrics as OpenTelemetry's MetricsData, perhaps compressed (KIP-714). Version 0."""

    api_key = 72
    versions = Versions(0, 0)
    flexible_from = 0

    client_instance_id: Uuid = NO_UUID
    subscription_id: Int32 = 0
    terminating: bool = False
    compression_type: Int8 = 0
    metrics: bytes = b""


class PushTelemetryResponse(Message):
    """The outcome. Version 0."""

    api_key = 72
    versions = Versions(0, 0)
    flexible_from = 0

    throttle_time_ms: Int32 = 0
    error_code: Int16 = 0
