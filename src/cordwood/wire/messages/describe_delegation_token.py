"""DescribeDelegationToken: which tokens there are."""

from __future__ import annotations

from typing import Annotated

from cordwood.wire.schema import Int16, Int32, Int64, Message, Struct, Versions, since


class DescribeDelegationTokenOwner(Struct):
    """Whose tokens are asked for."""

    principal_type: str = ""
    principal_name: str = ""


class DescribeDelegationTokenRequest(Message):
    """Asks for the tokens of some owners; null means all. Versions 1 to 3; 2 is flexible."""

    api_key = 41
    versions = Versions(1, 3)
    flexible_from = 2

    owners: list[DescribeDelegationTokenOwner] | None = None


class DescribedDelegationTokenRenewer(Struct):
    """Who may renew a token."""

    principal_type: str = ""
    principal_name: str = ""


class DescribedDelegationToken(Struct):
    """A token."""

    principal_type: str = ""
    principal_name: str = ""
    token_requester_principal_type: Annotated[str, since(3)] = ""
    token_requester_principal_name: Annotated[str, since(3)] = ""
    issue_timestamp: Int64 = 0
    expiry_timestamp: Int64 = 0
    max_timestamp: Int64 = 0
    token_id: str = ""
    hmac: bytes = b""
    renewers: list[DescribedDelegationTokenRenewer] = []


class DescribeDelegationTokenResponse(Message):
    """The tokens. Versions 1 to 3."""

    api_key = 41
    versions = Versions(1, 3)
    flexible_from = 2

    error_code: Int16 = 0
    tokens: list[DescribedDelegationToken] = []
    throttle_time_ms: Int32 = 0
