"""CreateDelegationToken: a secret that stands for a user for some time."""

from __future__ import annotations

from typing import Annotated

from cordwood.wire.schema import Int16, Int32, Int64, Message, Struct, Versions, since


class CreatableRenewers(Struct):
    """Who may renew the token."""

    principal_type: str = ""
    principal_name: str = ""


class CreateDelegationTokenRequest(Message):
    """Asks for a token (KIP-48), for another owner from version 3 on (KIP-373). Versions 1 to 3; 2 is flexible."""

    api_key = 38
    versions = Versions(1, 3)
    flexible_from = 2

    owner_principal_type: Annotated[str | None, since(3)] = None
    owner_principal_name: Annotated[str | None, since(3)] = None
    renewers: list[CreatableRenewers] = []
    max_lifetime_ms: Int64 = 0


class CreateDelegationTokenResponse(Message):
    """The token. Versions 1 to 3."""

    api_key = 38
    versions = Versions(1, 3)
    flexible_from = 2

    error_code: Int16 = 0
    principal_type: str = ""
    principal_name: str = ""
    token_requester_principal_type: Annotated[str, since(3)] = ""
    token_requester_principal_name: Annotated[str, since(3)] = ""
    issue_timestamp_ms: Int64 = 0
    expiry_timestamp_ms: Int64 = 0
    max_timestamp_ms: Int64 = 0
    token_id: str = ""
    hmac: bytes = b""
    throttle_time_ms: Int32 = 0
