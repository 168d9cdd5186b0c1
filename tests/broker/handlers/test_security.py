"""ACLs and delegation tokens are refused as Kafka refuses them without an authorizer, over PLAINTEXT."""

from __future__ import annotations

import pytest

from cordwood.wire.errors import ErrorCode
from cordwood.wire.messages.create_acls import AclCreation, CreateAclsRequest
from cordwood.wire.messages.create_delegation_token import CreateDelegationTokenRequest
from cordwood.wire.messages.delete_acls import DeleteAclsFilter, DeleteAclsRequest
from cordwood.wire.messages.describe_acls import DescribeAclsRequest
from cordwood.wire.messages.describe_delegation_token import DescribeDelegationTokenRequest
from cordwood.wire.messages.expire_delegation_token import ExpireDelegationTokenRequest
from cordwood.wire.messages.renew_delegation_token import RenewDelegationTokenRequest
from cordwood.wire.schema import Message
from tests.raw_client import RawClient

REFUSED = (ErrorCode.SECURITY_DISABLED, "No Authorizer is configured.")


@pytest.mark.parametrize("version", [1, 2, 3])
def test_there_are_no_acls(client: RawClient, version: int) -> None:
    answer = client.ask(DescribeAclsRequest(resource_type_filter=1), version)
    assert (answer.error_code, answer.error_message, answer.resources) == (*REFUSED, [])


def test_each_entry_is_refused(client: RawClient) -> None:
    made = client.ask(CreateAclsRequest(creations=[AclCreation(), AclCreation()]), 3).results
    assert [(one.error_code, one.error_message) for one in made] == [REFUSED] * 2
    gone = client.ask(DeleteAclsRequest(filters=[DeleteAclsFilter()]), 3).filter_results
    assert [(one.error_code, one.error_message, one.matching_acls) for one in gone] == [(*REFUSED, [])]


@pytest.mark.parametrize(
    "request_of",
    [
        CreateDelegationTokenRequest,
        RenewDelegationTokenRequest,
        ExpireDelegationTokenRequest,
        DescribeDelegationTokenRequest,
    ],
)
def test_there_are_no_delegation_tokens(client: RawClient, request_of: type[Message]) -> None:
    for version in range(request_of.versions.first, request_of.versions.last + 1):
        assert client.ask(request_of(), version).error_code == ErrorCode.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED
