"""Who may do what, where everybody may do everything: ACLs and delegation tokens are refused.

DescribeAcls (29), CreateAcls (30), DeleteAcls (31), CreateDelegationToken (38), RenewDelegationToken (39),
ExpireDelegationToken (40), DescribeDelegationToken (41). Serves versions 1 to 3 (39 and 40: 1 to 2), and refuses them all
as a Kafka does that has no authorizer and whose clients come over PLAINTEXT, so that admin clients say what is the matter.
Left out: everything else; Cordwood has neither authorizer nor SASL.
"""

from __future__ import annotations

from typing import Final

from cordwood.broker.context import Call, Context
from cordwood.wire.errors import ErrorCode
from cordwood.wire.messages.create_acls import AclCreationResult, CreateAclsRequest, CreateAclsResponse
from cordwood.wire.messages.create_delegation_token import CreateDelegationTokenRequest, CreateDelegationTokenResponse
from cordwood.wire.messages.delete_acls import DeleteAclsFilterResult, DeleteAclsRequest, DeleteAclsResponse
from cordwood.wire.messages.describe_acls import DescribeAclsRequest, DescribeAclsResponse
from cordwood.wire.messages.describe_delegation_token import (
    DescribeDelegationTokenRequest,
    DescribeDelegationTokenResponse,
)
from cordwood.wire.messages.expire_delegation_token import ExpireDelegationTokenRequest, ExpireDelegationTokenResponse
from cordwood.wire.messages.renew_delegation_token import RenewDelegationTokenRequest, RenewDelegationTokenResponse

NO_AUTHORIZER: Final = "No Authorizer is configured."
_NO_ACLS: Final = ErrorCode.SECURITY_DISABLED
_NO_TOKENS: Final = ErrorCode.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED


def handle_describe_acls(context: Context, call: Call, request: DescribeAclsRequest) -> DescribeAclsResponse:
    """There is nobody who would keep them."""
    return DescribeAclsResponse(error_code=_NO_ACLS, error_message=NO_AUTHORIZER)


def handle_create_acls(context: Context, call: Call, request: CreateAclsRequest) -> CreateAclsResponse:
    """There is nobody who would heed them."""
    result = AclCreationResult(error_code=_NO_ACLS, error_message=NO_AUTHORIZER)
    return CreateAclsResponse(results=[result] * len(request.creations))


def handle_delete_acls(context: Context, call: Call, request: DeleteAclsRequest) -> DeleteAclsResponse:
    """There are none."""
    result = DeleteAclsFilterResult(error_code=_NO_ACLS, error_message=NO_AUTHORIZER)
    return DeleteAclsResponse(filter_results=[result] * len(request.filters))


def handle_create_delegation_token(
    context: Context, call: Call, request: CreateDelegationTokenRequest
) -> CreateDelegationTokenResponse:
    """Who did not say who he is cannot have himself stood for."""
    return CreateDelegationTokenResponse(error_code=_NO_TOKENS)


def handle_renew_delegation_token(
    context: Context, call: Call, request: RenewDelegationTokenRequest
) -> RenewDelegationTokenResponse:
    """As creating one."""
    return RenewDelegationTokenResponse(error_code=_NO_TOKENS)


def handle_expire_delegation_token(
    context: Context, call: Call, request: ExpireDelegationTokenRequest
) -> ExpireDelegationTokenResponse:
    """As creating one."""
    return ExpireDelegationTokenResponse(error_code=_NO_TOKENS)


def handle_describe_delegation_token(
    context: Context, call: Call, request: DescribeDelegationTokenRequest
) -> DescribeDelegationTokenResponse:
    """As creating one."""
    return DescribeDelegationTokenResponse(error_code=_NO_TOKENS)
