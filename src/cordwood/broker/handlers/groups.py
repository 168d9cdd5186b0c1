"""Members of groups: JoinGroup (11), Heartbeat (12), LeaveGroup (13), SyncGroup (14), ConsumerGroupHeartbeat (68).

Here a request becomes a command, with what its version decides as fields of its own, and a reply a response. A group
whose name is empty has no members: INVALID_GROUP_ID.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, TypeVar

from cordwood.broker.context import Call, Context
from cordwood.broker.group_calls import Command, ask
from cordwood.broker.later import Later
from cordwood.groups.classic.commands import Assignment, Heartbeat, Join, Leave, Leaving, Sync
from cordwood.groups.classic.member import MemberProtocol
from cordwood.groups.classic.replies import JoinReply, LeaveReply, SyncReply
from cordwood.groups.consumer import commands as consumer
from cordwood.groups.consumer.partitions import Partitions, by_topic, flatten
from cordwood.metadata.features import check_consumer_groups
from cordwood.model.errors import CordwoodError, UnsupportedVersion
from cordwood.model.group_errors import CoordinatorLoading, InconsistentGroupProtocol, InvalidGroupId
from cordwood.model.ids import TopicId
from cordwood.wire.errors import code_of
from cordwood.wire.messages import consumer_group_heartbeat as heartbeats
from cordwood.wire.messages.consumer_group_heartbeat import (
    ConsumerGroupHeartbeatRequest,
    ConsumerGroupHeartbeatResponse,
)
from cordwood.wire.messages.heartbeat import HeartbeatRequest, HeartbeatResponse
from cordwood.wire.messages.join_group import JoinGroupRequest, JoinGroupResponse, JoinGroupResponseMember
from cordwood.wire.messages.leave_group import LeaveGroupRequest, LeaveGroupResponse, MemberResponse
from cordwood.wire.messages.sync_group import SyncGroupRequest, SyncGroupResponse

T = TypeVar("T")

FIRST_JOIN_WITH_REBALANCE_TIMEOUT: Final = 1
FIRST_JOIN_WITH_REQUIRED_ID: Final = 4
FIRST_JOIN_WITHOUT_PROTOCOL_NAME: Final = 7
"""From then on a join that failed names no protocol by null, before by an empty name."""

FIRST_JOIN_THAT_SKIPS: Final = 9
FIRST_LEAVE_OF_MANY: Final = 3
FIRST_SYNC_WITH_PROTOCOL: Final = 5


def _ask(context: Context, command: Command, respond: Callable[..., T]) -> Later[T]:
    """As `ask`, of a group that can have members."""
    return ask(context, command, respond) if command.group else respond(InvalidGroupId(command.group))


def _client_host(call: Call) -> str:
    """The member's address as Kafka writes it: without a port, behind a slash."""
    return "/" + call.session.peer.rpartition(":")[0]


# JoinGroup.


def handle_join_group(context: Context, call: Call, request: JoinGroupRequest) -> Later[JoinGroupResponse]:
    """Answered when the generation begins."""
    version = call.api_version
    with_timeout = version >= FIRST_JOIN_WITH_REBALANCE_TIMEOUT
    command = Join(
        request.group_id,
        request.member_id,
        request.group_instance_id,
        call.client_id or "",
        _client_host(call),
        request.session_timeout_ms,
        request.rebalance_timeout_ms if with_timeout else request.session_timeout_ms,
        request.protocol_type,
        tuple(MemberProtocol(protocol.name, protocol.metadata) for protocol in request.protocols),
        require_known_member_id=version >= FIRST_JOIN_WITH_REQUIRED_ID,
        supports_skipping_assignment=version >= FIRST_JOIN_THAT_SKIPS,
        reason=request.reason,
    )
    nameless = None if version >= FIRST_JOIN_WITHOUT_PROTOCOL_NAME else ""

    def respond(reply: JoinReply | CordwoodError) -> JoinGroupResponse:
        if isinstance(reply, CordwoodError):
            reply = JoinReply(request.member_id, reply)
        return JoinGroupResponse(
            error_code=0 if reply.error is None else code_of(reply.error),
            generation_id=reply.generation,
            protocol_type=reply.protocol_type,
            protocol_name=nameless if reply.protocol is None else reply.protocol,
            leader=reply.leader,
            skip_assignment=reply.skip_assignment,
            member_id=reply.member_id,
            members=[
                JoinGroupResponseMember(member.member_id, member.instance_id, member.metadata)
                for member in reply.members
            ],
        )

    return _ask(context, command, respond)


# SyncGroup.


def handle_sync_group(context: Context, call: Call, request: SyncGroupRequest) -> Later[SyncGroupResponse]:
    """Answered when the leader has brought the assignments."""

    def respond(reply: SyncReply | CordwoodError) -> SyncGroupResponse:
        if isinstance(reply, CordwoodError):
            return SyncGroupResponse(error_code=code_of(reply))
        return SyncGroupResponse(
            protocol_type=reply.protocol_type, protocol_name=reply.protocol, assignment=reply.assignment
        )

    if call.api_version >= FIRST_SYNC_WITH_PROTOCOL and None in {request.protocol_type, request.protocol_name}:
        return respond(InconsistentGroupProtocol(request.group_id, "the request names no protocol"))
    command = Sync(
        request.group_id,
        request.member_id,
        request.group_instance_id,
        request.generation_id,
        request.protocol_type,
        request.protocol_name,
        tuple(Assignment(given.member_id, given.assignment) for given in request.assignments),
    )
    return _ask(context, command, respond)


# Heartbeat.


def _heartbeat_response(reply: CordwoodError | None) -> HeartbeatResponse:
    if reply is None or isinstance(reply, CoordinatorLoading):  # While it loads, nobody's session can end.
        return HeartbeatResponse()
    return HeartbeatResponse(error_code=code_of(reply))


def handle_heartbeat(context: Context, call: Call, request: HeartbeatRequest) -> Later[HeartbeatResponse]:
    """Whether the member may go on. A coordinator that still loads has nothing against it, as in Kafka."""
    command = Heartbeat(request.group_id, request.member_id, request.group_instance_id, request.generation_id)
    return _ask(context, command, _heartbeat_response)


# LeaveGroup.


def handle_leave_group(context: Context, call: Call, request: LeaveGroupRequest) -> Later[LeaveGroupResponse]:
    """One member up to version 2, whose outcome is that of the request; several since, each with its own."""
    of_many = call.api_version >= FIRST_LEAVE_OF_MANY
    if of_many:
        leaving = tuple(Leaving(one.member_id, one.group_instance_id, one.reason) for one in request.members)
    else:
        leaving = (Leaving(request.member_id),)

    def respond(reply: LeaveReply | CordwoodError) -> LeaveGroupResponse:
        if isinstance(reply, CordwoodError):
            return LeaveGroupResponse(error_code=code_of(reply))
        codes = [0 if one.error is None else code_of(one.error) for one in reply.members]
        if not of_many:
            return LeaveGroupResponse(error_code=codes[0])
        members = [
            MemberResponse(one.member_id, one.instance_id, code) for one, code in zip(reply.members, codes, strict=True)
        ]
        return LeaveGroupResponse(members=members)

    return _ask(context, Leave(request.group_id, leaving), respond)


# ConsumerGroupHeartbeat.


def handle_consumer_group_heartbeat(
    context: Context, call: Call, request: ConsumerGroupHeartbeatRequest
) -> Later[ConsumerGroupHeartbeatResponse]:
    """All of KIP-848's protocol: joining, staying, leaving, and what is to be read."""
    try:
        check_consumer_groups(context.image)
    except UnsupportedVersion as error:
        return _consumer_response(error)
    names = request.subscribed_topic_names
    command = consumer.ConsumerHeartbeat(
        request.group_id,
        request.member_id,
        request.member_epoch,
        call.api_version,
        call.client_id or "",
        _client_host(call),
        request.instance_id,
        request.rack_id,
        request.rebalance_timeout_ms,
        None if names is None else frozenset(names),
        request.subscribed_topic_regex,
        request.server_assignor,
        None if request.topic_partitions is None else _owned(request.topic_partitions),
    )
    return _ask(context, command, _consumer_response)


def _consumer_response(reply: consumer.HeartbeatReply | CordwoodError) -> ConsumerGroupHeartbeatResponse:
    if isinstance(reply, CordwoodError):
        return ConsumerGroupHeartbeatResponse(error_code=code_of(reply), error_message=str(reply))
    return ConsumerGroupHeartbeatResponse(
        member_id=reply.member_id,
        member_epoch=reply.epoch,
        heartbeat_interval_ms=reply.interval_ms,
        assignment=None if reply.assigned is None else heartbeats.Assignment(_partitions(reply.assigned)),
    )


def _owned(topics: Iterable[heartbeats.TopicPartitions]) -> Partitions:
    return flatten((TopicId(bytes(topic.topic_id)), topic.partitions) for topic in topics)


def _partitions(partitions: Partitions) -> list[heartbeats.TopicPartitions]:
    return [heartbeats.TopicPartitions(topic_id, indexes) for topic_id, indexes in by_topic(partitions).items()]
