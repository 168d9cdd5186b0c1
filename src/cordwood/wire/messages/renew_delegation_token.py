"""RenewDelegationToken: a delegation token lives longer."""

from __future__ import annotations

from cordwood.wire.schema import Int16, Int32, Int64, Message, Versions


class RenewDelegationTokenRequest(Message):
    """Asks that a token live for so long from now on. Versions 1 to 2; 2 is flexible."""

    api_key = 39
    versions = Versions(1, 2)
    flexible_from = 2

    hmac: bytes = b""
    renew_period_ms: Int64 = 0


class RenewDelegationTokenResponse(Message):
    """When the token ends now. Versions 1 to 2."""

    api_key = 39
    versions = Versions(1, 2)
    flexible_from = 2

    error_code: Int16 = 0
    expiry_timestamp_ms: Int64 = 0
    throttle_time_ms: Int32 = 0
