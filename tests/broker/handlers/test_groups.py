"""JoinGroup, SyncGroup, Heartbeat, LeaveGroup, ConsumerGroupHeartbeat."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from cordwood.broker.handlers.groups import handle_heartbeat, handle_sync_group
from cordwood.model.group_errors import CoordinatorLoading
from cordwood.wire.errors import ErrorCode
from cordwood.wire.messages.consumer_group_heartbeat import ConsumerGroupHeartbeatRequest
from cordwood.wire.messages.heartbeat import HeartbeatRequest
from cordwood.wire.messages.join_group import JoinGroupRequest
from cordwood.wire.messages.leave_group import LeaveGroupRequest, MemberIdentity
from cordwood.wire.messages.metadata import MetadataRequest, MetadataRequestTopic
from cordwood.wire.messages.sync_group import SyncGroupRequest
from tests.broker.handlers.members import heartbeat, join, join_request, member_of, sync
from tests.raw_client import RawClient


@pytest.mark.parametrize("version", range(10))
def test_alone_in_a_group(client: RawClient, group: str, version: int) -> None:
    first = client.ask(join_request(group), version)
    if version >= 4:
        assert first.error_code == ErrorCode.MEMBER_ID_REQUIRED
        assert (first.generation_id, first.leader, first.members) == (-1, "", [])
        assert first.protocol_name == (None if version >= 7 else "")
        first = client.ask(join_request(group, first.member_id), version)
    assert (first.error_code, first.generation_id, first.protocol_name) == (0, 1, "blue")
    assert first.leader == first.member_id
    assert [(member.member_id, member.metadata) for member in first.members] == [(first.member_id, b"metadata")]
    if version >= 7:
        assert first.protocol_type == "test"


@pytest.mark.parametrize("version", range(6))
def test_assignments_are_given_out(client: RawClient, group: str, version: int) -> None:
    joined = join(client, group)
    synced = sync(client, group, joined, version, **{joined.member_id: b"mine"})
    assert (synced.error_code, synced.assignment) == (0, b"mine")
    if version == 5:
        assert (synced.protocol_type, synced.protocol_name) == ("test", "blue")


def test_a_sync_has_to_name_its_protocol(client: RawClient, group: str) -> None:
    joined = join(client, group)
    request = SyncGroupRequest(group_id=group, generation_id=1, member_id=joined.member_id)
    assert client.ask(request, 5).error_code == ErrorCode.INCONSISTENT_GROUP_PROTOCOL


@pytest.mark.parametrize("version", range(5))
def test_heartbeats(client: RawClient, group: str, version: int) -> None:
    joined = member_of(client, group)
    assert heartbeat(client, group, joined.member_id, 1, version) == 0
    assert heartbeat(client, group, joined.member_id, 7, version) == ErrorCode.ILLEGAL_GENERATION
    assert heartbeat(client, group, "nobody", 1, version) == ErrorCode.UNKNOWN_MEMBER_ID


def test_a_second_member_makes_the_first_join_again(
    client: RawClient, connect: Callable[[], RawClient], group: str
) -> None:
    first = member_of(client, group)
    other = connect()
    named = other.ask(join_request(group), 9)
    other.send(join_request(group, named.member_id), 9)
    codes = {heartbeat(client, group, first.member_id, 1) for _ in range(50)}
    assert codes <= {0, ErrorCode.REBALANCE_IN_PROGRESS}
    assert ErrorCode.REBALANCE_IN_PROGRESS in codes
    again = client.ask(join_request(group, first.member_id), 9)
    second = other.receive()
    assert (again.generation_id, second.generation_id) == (2, 2)
    assert again.leader == second.leader == first.member_id
    assert {member.member_id for member in again.members} == {first.member_id, second.member_id}
    assert second.members == []


@pytest.mark.parametrize("version", range(6))
def test_leaving(client: RawClient, group: str, version: int) -> None:
    joined = member_of(client, group)
    if version < 3:
        assert client.ask(LeaveGroupRequest(group_id=group, member_id="nobody"), version).error_code == 25
        assert client.ask(LeaveGroupRequest(group_id=group, member_id=joined.member_id), version).error_code == 0
    else:
        members = [MemberIdentity("nobody"), MemberIdentity(joined.member_id)]
        answer = client.ask(LeaveGroupRequest(group_id=group, members=members), version)
        assert answer.error_code == 0
        assert [(one.member_id, one.error_code) for one in answer.members] == [
            ("nobody", ErrorCode.UNKNOWN_MEMBER_ID),
            (joined.member_id, 0),
        ]
    assert heartbeat(client, group, joined.member_id, 1) == ErrorCode.UNKNOWN_MEMBER_ID


def test_a_group_has_a_name(client: RawClient) -> None:
    code = ErrorCode.INVALID_GROUP_ID
    assert client.ask(JoinGroupRequest(), 9).error_code == code
    assert client.ask(SyncGroupRequest(protocol_type="t", protocol_name="p"), 5).error_code == code
    assert client.ask(HeartbeatRequest(), 4).error_code == code
    assert client.ask(LeaveGroupRequest(members=[MemberIdentity("m")]), 5).error_code == code


def test_a_session_timeout_has_its_bounds(client: RawClient, group: str) -> None:
    request = join_request(group, "")
    request.session_timeout_ms = 1
    assert client.ask(request, 0).error_code == ErrorCode.INVALID_SESSION_TIMEOUT


@pytest.mark.parametrize("version", [0, 1])
def test_a_member_of_the_new_protocol(client: RawClient, group: str, topic: str, version: int) -> None:
    def say(**fields: object) -> ConsumerGroupHeartbeatRequest:
        return ConsumerGroupHeartbeatRequest(group_id=group, **fields)  # type: ignore[arg-type]

    joining = say(
        member_id="me" if version else "",
        member_epoch=0,
        rebalance_timeout_ms=10_000,
        subscribed_topic_names=[topic],
        topic_partitions=[],
    )
    joined = client.ask(joining, version)
    assert (joined.error_code, joined.error_message) == (0, None)
    assert joined.member_id == "me" if version else joined.member_id
    assert joined.member_epoch > 0
    assert joined.heartbeat_interval_ms > 0
    metadata = client.ask(MetadataRequest(topics=[MetadataRequestTopic(name=topic)]), 12)
    (given,) = joined.assignment.topic_partitions
    assert (given.topic_id, given.partitions) == (metadata.topics[0].topic_id, [0, 1])
    stay = client.ask(say(member_id=joined.member_id, member_epoch=joined.member_epoch), version)
    assert (stay.error_code, stay.assignment) == (0, None)
    fenced = client.ask(say(member_id=joined.member_id, member_epoch=99), version)
    assert fenced.error_code == ErrorCode.FENCED_MEMBER_EPOCH
    left = client.ask(say(member_id=joined.member_id, member_epoch=-1), version)
    assert (left.error_code, left.member_epoch) == (0, -1)
    gone = client.ask(say(member_id=joined.member_id, member_epoch=joined.member_epoch), version)
    assert gone.error_code in {ErrorCode.UNKNOWN_MEMBER_ID, ErrorCode.GROUP_ID_NOT_FOUND}


def test_a_coordinator_that_loads_has_nothing_against_a_heartbeat() -> None:
    def run(group: str, command: object) -> None:
        raise CoordinatorLoading(group)

    context: Any = SimpleNamespace(groups=SimpleNamespace(run=run))
    call: Any = SimpleNamespace(api_version=4)
    beat: Any = handle_heartbeat(context, call, HeartbeatRequest(group_id="g", member_id="m", generation_id=1))
    assert beat.error_code == 0
    sync: Any = handle_sync_group(
        context, call, SyncGroupRequest(group_id="g", member_id="m", protocol_type="t", protocol_name="p")
    )
    assert sync.error_code == ErrorCode.COORDINATOR_LOAD_IN_PROGRESS
