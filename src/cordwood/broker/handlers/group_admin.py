"""Looking after groups: DescribeGroups (15), ListGroups (16), DeleteGroups (42), ConsumerGroupDescribe (69).

A group that is not there is, up to version 5 of DescribeGroups, one in the state Dead; since then an error. So is a
group of the other protocol.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from cordwood.broker.context import Call, Context
from cordwood.broker.group_calls import ask
from cordwood.broker.later import Later, gathered, then
from cordwood.groups.classic.views import GroupDescription
from cordwood.groups.consumer.describe import GroupView, MemberView, TopicPartitions
from cordwood.groups.listing import DescribeClassic, DescribeConsumer, ListGroups
from cordwood.groups.removal import DeleteGroup
from cordwood.metadata.features import check_consumer_groups
from cordwood.model.errors import CordwoodError
from cordwood.model.group_errors import GroupNotFound, InvalidGroupId
from cordwood.wire.errors import code_of
from cordwood.wire.messages import consumer_group_describe as consumers
from cordwood.wire.messages.consumer_group_describe import (
    ConsumerGroupDescribeRequest,
    ConsumerGroupDescribeResponse,
)
from cordwood.wire.messages.delete_groups import DeletableGroupResult, DeleteGroupsRequest, DeleteGroupsResponse
from cordwood.wire.messages.describe_groups import (
    DescribedGroup,
    DescribedGroupMember,
    DescribeGroupsRequest,
    DescribeGroupsResponse,
)
from cordwood.wire.messages.list_groups import ListedGroup, ListGroupsRequest, ListGroupsResponse

GROUP_OPERATIONS: Final = 0b1101_0100_1000
"""READ, DELETE, DESCRIBE, DESCRIBE_CONFIGS, ALTER_CONFIGS: all of a group's ACL operations."""

NO_OPERATIONS: Final = -(1 << 31)
DEAD: Final = "Dead"
FIRST_DESCRIBE_WITH_MESSAGE: Final = 6

# DescribeGroups.


def handle_describe_groups(context: Context, call: Call, request: DescribeGroupsRequest) -> DescribeGroupsResponse:
    """Groups of the classic protocol, with their members."""
    operations = GROUP_OPERATIONS if request.include_authorized_operations else NO_OPERATIONS
    groups = [_described(context, call, name) for name in request.groups]
    for group in groups:
        group.authorized_operations = NO_OPERATIONS if group.error_code else operations
    return DescribeGroupsResponse(groups=groups)


def _described(context: Context, call: Call, name: str) -> DescribedGroup:
    with_message = call.api_version >= FIRST_DESCRIBE_WITH_MESSAGE
    try:
        found: GroupDescription = context.groups.ask(DescribeClassic(name))
    except GroupNotFound as error:
        if not with_message:
            return DescribedGroup(group_id=name, group_state=DEAD)
        return DescribedGroup(code_of(error), str(error), group_id=name, group_state=DEAD)
    except CordwoodError as error:
        return DescribedGroup(code_of(error), str(error) if with_message else None, group_id=name)
    return DescribedGroup(
        group_id=name,
        group_state=found.state,
        protocol_type=found.protocol_type,
        protocol_data=found.protocol,
        members=[
            DescribedGroupMember(
                member.member_id,
                member.instance_id,
                member.client_id,
                member.client_host,
                member.metadata,
                member.assignment,
            )
            for member in found.members
        ],
    )


# ListGroups.


def handle_list_groups(context: Context, call: Call, request: ListGroupsRequest) -> ListGroupsResponse:
    """The groups whose coordinator this broker is."""
    query = ListGroups(frozenset(request.states_filter), frozenset(request.types_filter))
    try:
        found = context.groups.list_groups(query)
    except CordwoodError as error:
        return ListGroupsResponse(error_code=code_of(error))
    return ListGroupsResponse(
        groups=[ListedGroup(group.group, group.protocol_type, group.state, group.type) for group in found]
    )


# DeleteGroups.


def handle_delete_groups(context: Context, call: Call, request: DeleteGroupsRequest) -> Later[DeleteGroupsResponse]:
    """Removes groups without members; each has its own outcome."""
    results = gathered(context, [_delete(context, name) for name in dict.fromkeys(request.groups_names)])
    return then(context, results, lambda results: DeleteGroupsResponse(results=results))


def _delete(context: Context, name: str) -> Later[DeletableGroupResult]:
    def respond(reply: CordwoodError | None) -> DeletableGroupResult:
        return DeletableGroupResult(name, 0 if reply is None else code_of(reply))

    return ask(context, DeleteGroup(name), respond)


# ConsumerGroupDescribe.


def handle_consumer_group_describe(
    context: Context, call: Call, request: ConsumerGroupDescribeRequest
) -> ConsumerGroupDescribeResponse:
    """Groups of the consumer protocol, with what their members have and are to have."""
    operations = GROUP_OPERATIONS if request.include_authorized_operations else NO_OPERATIONS
    return ConsumerGroupDescribeResponse(
        groups=[_consumer_group(context, name, operations) for name in request.group_ids]
    )


def _consumer_group(context: Context, name: str, operations: int) -> consumers.DescribedGroup:
    try:
        check_consumer_groups(context.image)
        if not name:
            raise InvalidGroupId(name)
        found: GroupView = context.groups.ask(DescribeConsumer(name))
    except CordwoodError as error:
        return consumers.DescribedGroup(code_of(error), str(error), group_id=name)
    return consumers.DescribedGroup(
        group_id=name,
        group_state=found.state,
        group_epoch=found.epoch,
        assignment_epoch=found.target_epoch,
        assignor_name=found.assignor,
        members=[_consumer(view) for view in found.members],
        authorized_operations=operations,
    )


def _consumer(view: MemberView) -> consumers.Member:
    member = view.member
    return consumers.Member(
        member_id=member.id,
        instance_id=member.metadata.instance_id,
        rack_id=member.metadata.rack_id,
        member_epoch=member.epoch,
        client_id=member.metadata.client_id,
        client_host=member.metadata.client_host,
        subscribed_topic_names=list(view.topics),
        subscribed_topic_regex=member.metadata.regex or None,
        assignment=_assignment(view.assigned),
        target_assignment=_assignment(view.target),
        member_type=0 if member.is_classic else 1,
    )


def _assignment(topics: Iterable[TopicPartitions]) -> consumers.Assignment:
    return consumers.Assignment(
        [consumers.TopicPartitions(given.topic.id, given.topic.name, list(given.partitions)) for given in topics]
    )
