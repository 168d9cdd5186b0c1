"""DescribeGroups, ListGroups, DeleteGroups, ConsumerGroupDescribe."""

from __future__ import annotations

import pytest

from cordwood.wire.errors import ErrorCode
from cordwood.wire.messages.consumer_group_describe import ConsumerGroupDescribeRequest
from cordwood.wire.messages.consumer_group_heartbeat import ConsumerGroupHeartbeatRequest
from cordwood.wire.messages.delete_groups import DeleteGroupsRequest
from cordwood.wire.messages.describe_groups import DescribeGroupsRequest
from cordwood.wire.messages.leave_group import LeaveGroupRequest, MemberIdentity
from cordwood.wire.messages.list_groups import ListGroupsRequest
from tests.broker.handlers.members import join, member_of
from tests.raw_client import RawClient


def consumer(client: RawClient, group: str, topic: str) -> None:
    """A member of the consumer protocol that has everything."""
    request = ConsumerGroupHeartbeatRequest(
        group_id=group,
        member_id="me",
        rebalance_timeout_ms=10_000,
        subscribed_topic_names=[topic],
        topic_partitions=[],
    )
    assert client.ask(request, 1).error_code == 0


@pytest.mark.parametrize("version", range(7))
def test_a_group_is_described(client: RawClient, group: str, version: int) -> None:
    joined = member_of(client, group)
    request = DescribeGroupsRequest(groups=[group], include_authorized_operations=True)
    (found,) = client.ask(request, version).groups
    assert (found.error_code, found.group_id, found.group_state) == (0, group, "Stable")
    assert (found.protocol_type, found.protocol_data) == ("test", "blue")
    (member,) = found.members
    assert (member.member_id, member.client_host) == (joined.member_id, "/127.0.0.1")
    assert (member.member_metadata, member.member_assignment) == (b"metadata", b"all")
    if version >= 3:
        assert found.authorized_operations == 3400


def test_without_an_assignment_there_is_no_protocol_yet(client: RawClient, group: str) -> None:
    join(client, group)
    (found,) = client.ask(DescribeGroupsRequest(groups=[group]), 5).groups
    assert (found.group_state, found.protocol_data) == ("CompletingRebalance", "")


@pytest.mark.parametrize("version", range(7))
def test_a_group_that_is_not_there_is_dead(client: RawClient, group: str, version: int) -> None:
    (found,) = client.ask(DescribeGroupsRequest(groups=[group]), version).groups
    assert found.group_state == "Dead"
    assert found.error_code == (ErrorCode.GROUP_ID_NOT_FOUND if version == 6 else 0)


@pytest.mark.parametrize("version", range(6))
def test_groups_are_listed(client: RawClient, group: str, topic: str, version: int) -> None:
    member_of(client, group)
    consumer(client, f"{group} of consumers", topic)
    listed = {found.group_id: found for found in client.ask(ListGroupsRequest(), version).groups}
    assert listed[group].protocol_type == "test"
    assert listed[f"{group} of consumers"].protocol_type == "consumer"
    if version >= 4:
        assert listed[group].group_state == "Stable"
        only = client.ask(ListGroupsRequest(states_filter=["empty"]), version).groups
        assert group not in {found.group_id for found in only}
    if version >= 5:
        assert listed[group].group_type == "classic"
        only = client.ask(ListGroupsRequest(types_filter=["Consumer"]), version).groups
        assert {found.group_type for found in only} == {"consumer"}


@pytest.mark.parametrize("version", range(3))
def test_groups_are_deleted(client: RawClient, group: str, version: int) -> None:
    joined = member_of(client, group)
    request = DeleteGroupsRequest(groups_names=[group, "never heard of"])
    codes = {result.group_id: result.error_code for result in client.ask(request, version).results}
    assert codes == {group: ErrorCode.NON_EMPTY_GROUP, "never heard of": ErrorCode.GROUP_ID_NOT_FOUND}
    client.ask(LeaveGroupRequest(group_id=group, members=[MemberIdentity(joined.member_id)]), 5)
    (result,) = client.ask(DeleteGroupsRequest(groups_names=[group]), version).results
    assert result.error_code == 0
    (found,) = client.ask(DescribeGroupsRequest(groups=[group]), 5).groups
    assert found.group_state == "Dead"


@pytest.mark.parametrize("version", [0, 1])
def test_a_consumer_group_is_described(client: RawClient, group: str, topic: str, version: int) -> None:
    consumer(client, group, topic)
    request = ConsumerGroupDescribeRequest(group_ids=[group, "", "never heard of"])
    found, nameless, missing = client.ask(request, version).groups
    assert nameless.error_code == ErrorCode.INVALID_GROUP_ID
    assert missing.error_code == ErrorCode.GROUP_ID_NOT_FOUND
    assert (found.error_code, found.group_state, found.assignor_name) == (0, "Stable", "uniform")
    assert found.group_epoch == found.assignment_epoch > 0
    (member,) = found.members
    assert (member.member_id, member.member_epoch) == ("me", found.group_epoch)
    assert (member.subscribed_topic_names, member.subscribed_topic_regex) == ([topic], None)
    assert member.client_host == "/127.0.0.1"
    for assignment in (member.assignment, member.target_assignment):
        assert [(given.topic_name, given.partitions) for given in assignment.topic_partitions] == [(topic, [0, 1])]
    if version == 1:
        assert member.member_type == 1


def test_each_protocol_has_its_own_description(client: RawClient, group: str, topic: str) -> None:
    consumer(client, group, topic)
    (found,) = client.ask(DescribeGroupsRequest(groups=[group]), 6).groups
    assert (found.error_code, found.group_state) == (ErrorCode.GROUP_ID_NOT_FOUND, "Dead")
    member_of(client, f"{group} too")
    (other,) = client.ask(ConsumerGroupDescribeRequest(group_ids=[f"{group} too"]), 1).groups
    assert other.error_code == ErrorCode.GROUP_ID_NOT_FOUND
