"""The quorum that keeps the metadata: who is in it, who leads, and changes of that.

DescribeQuorum (55), UnregisterBroker (64), AddRaftVoter (80), RemoveRaftVoter (81), and Cordwood's own TransferLeadership
(20002). The leader of the quorum answers; every other broker hands the request on to it, as Kafka's brokers do, and where
that cannot be done says NOT_LEADER_OR_FOLLOWER. UnregisterBroker is carried out by every broker. Left out: AddRaftVoter
always waits until the new voters are committed, also where version 1 asks not to.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, Final, TypeVar

from cordwood.broker.context import Call, Context
from cordwood.controller.membership import TIMEOUT_S
from cordwood.controller.quorum_state import MemberState, QuorumState
from cordwood.metadata import Endpoint, QuorumNode
from cordwood.metadata.image import METADATA_TOPIC
from cordwood.model.errors import CordwoodError, InvalidRequest
from cordwood.model.peer_errors import PeerBusy, PeerUnavailable
from cordwood.model.quorum_errors import ChangeTimedOut, InconsistentClusterId, NotQuorumLeader
from cordwood.wire.errors import ErrorCode, code_of
from cordwood.wire.messages.add_raft_voter import AddRaftVoterRequest, AddRaftVoterResponse
from cordwood.wire.messages.describe_quorum import (
    DescribeQuorumRequest,
    DescribeQuorumResponse,
    Listener,
    Node,
    PartitionQuorum,
    ReplicaState,
    TopicQuorum,
)
from cordwood.wire.messages.remove_raft_voter import RemoveRaftVoterRequest, RemoveRaftVoterResponse
from cordwood.wire.messages.transfer_leadership import TransferLeadershipRequest, TransferLeadershipResponse
from cordwood.wire.messages.unregister_broker import UnregisterBrokerRequest, UnregisterBrokerResponse
from cordwood.wire.schema import Message

H = TypeVar("H", bound=Message)
R = TypeVar("R", AddRaftVoterResponse, RemoveRaftVoterResponse, TransferLeadershipResponse, UnregisterBrokerResponse)

LONGEST_S: Final = 600.0
"""No change is given more time, whatever its request says."""
DESCRIPTION_S: Final = 2.0
"""How long the leader may take to describe the quorum to a broker that was asked."""
ON_THE_WAY_S: Final = 5.0
"""What a change may take more where another broker makes it."""


# DescribeQuorum.


def handle_describe_quorum(
    context: Context, call: Call, request: DescribeQuorumRequest
) -> DescribeQuorumResponse | Coroutine[Any, Any, DescribeQuorumResponse]:
    """Who votes, and how far each has come."""
    asked = [
        (topic.topic_name, partition.partition_index) for topic in request.topics for partition in topic.partitions
    ]
    if asked != [(METADATA_TOPIC, 0)]:
        return DescribeQuorumResponse(topics=[_unknown(name, index) for name, index in asked])
    try:
        state = context.membership.describe()
    except NotQuorumLeader as error:
        return _described_by_leader(context, call, request, error)
    response = _answer(_described(state))
    response.nodes = list(map(_node, state.nodes))
    return response


async def _described_by_leader(
    context: Context, call: Call, request: DescribeQuorumRequest, error: NotQuorumLeader
) -> DescribeQuorumResponse:
    """What the leader answers, or who leads where it does not."""
    try:
        return await _hand_on(context, call, request, error, DESCRIPTION_S, DescribeQuorumResponse)
    except (CordwoodError, TimeoutError):
        return _answer(_refused(error))


def _unknown(name: str, index: int) -> TopicQuorum:
    refused = PartitionQuorum(partition_index=index, error_code=ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
    refused.error_message = f"the only quorum is that of {METADATA_TOPIC}-0"
    return TopicQuorum(topic_name=name, partitions=[refused])


def _answer(partition: PartitionQuorum) -> DescribeQuorumResponse:
    return DescribeQuorumResponse(topics=[TopicQuorum(topic_name=METADATA_TOPIC, partitions=[partition])])


def _refused(error: NotQuorumLeader) -> PartitionQuorum:
    return PartitionQuorum(error_code=code_of(error), error_message=str(error), leader_id=error.leader)


def _described(state: QuorumState) -> PartitionQuorum:
    return PartitionQuorum(
        leader_id=state.leader,
        leader_epoch=state.term,
        high_watermark=state.committed_end,
        current_voters=_replicas(state.voters),
        observers=_replicas(state.observers),
    )


def _replicas(members: Iterable[MemberState]) -> list[ReplicaState]:
    return [
        ReplicaState(
            replica_id=member.node_id,
            replica_directory_id=member.directory_id,
            log_end_offset=member.log_end,
            last_fetch_timestamp=member.last_heard_ms,
            last_caught_up_timestamp=member.last_caught_up_ms,
        )
        for member in members
    ]


def _node(node: QuorumNode) -> Node:
    endpoint = node.endpoint
    return Node(node_id=node.id, listeners=[Listener(name=endpoint.listener, host=endpoint.host, port=endpoint.port)])


# Changes.


async def handle_add_raft_voter(context: Context, call: Call, request: AddRaftVoterRequest) -> AddRaftVoterResponse:
    """A node gets a vote, as soon as it has caught up."""
    seconds = _seconds(request.timeout_ms)

    async def add() -> None:
        _check_cluster(context, request.cluster_id)
        if request.voter_id < 0:
            raise InvalidRequest(f"{request.voter_id} is no number of a node")
        if not request.listeners:
            raise InvalidRequest("the request does not say where the node is reached")
        place = request.listeners[0]
        if not place.host or not place.port:
            raise InvalidRequest(f"nobody can be reached at {place.host!r}, port {place.port}")
        node = QuorumNode(
            request.voter_id, bytes(request.voter_directory_id), Endpoint(place.name, place.host, place.port)
        )
        await context.membership.add(node, seconds)

    return await _change(context, call, request, add, AddRaftVoterResponse(), seconds)


async def handle_remove_raft_voter(
    context: Context, call: Call, request: RemoveRaftVoterRequest
) -> RemoveRaftVoterResponse:
    """A node loses its vote."""

    async def remove() -> None:
        _check_cluster(context, request.cluster_id)
        await context.membership.remove(request.voter_id, bytes(request.voter_directory_id))

    return await _change(context, call, request, remove, RemoveRaftVoterResponse(), TIMEOUT_S)


async def handle_unregister_broker(
    context: Context, call: Call, request: UnregisterBrokerRequest
) -> UnregisterBrokerResponse:
    """A broker leaves the cluster for good."""

    async def unregister() -> None:
        await context.membership.unregister(request.broker_id)

    return await _change(context, call, request, unregister, UnregisterBrokerResponse(), TIMEOUT_S)


async def handle_transfer_leadership(
    context: Context, call: Call, request: TransferLeadershipRequest
) -> TransferLeadershipResponse:
    """Another voter leads."""
    seconds = _seconds(request.timeout_ms)

    async def transfer() -> None:
        _check_cluster(context, request.cluster_id)
        await context.membership.transfer(request.target_id, seconds)

    return await _change(context, call, request, transfer, TransferLeadershipResponse(), seconds)


async def _change(
    context: Context,
    call: Call,
    request: Message,
    change: Callable[[], Coroutine[Any, Any, None]],
    response: R,
    seconds: float,
) -> R:
    """The outcome of a change here, or that of the leader."""
    try:
        try:
            await change()
        except NotQuorumLeader as error:
            return await _hand_on(context, call, request, error, seconds + ON_THE_WAY_S, type(response))
    except TimeoutError:
        late = ChangeTimedOut("what the leader was asked for", "it has not answered: look whether it was done")
        return _failed(response, late)
    except CordwoodError as error:
        return _failed(response, error)
    return response


def _failed(response: R, error: CordwoodError) -> R:
    response.error_code = code_of(error)
    response.error_message = str(error)
    return response


async def _hand_on(
    context: Context, call: Call, request: Message, error: NotQuorumLeader, seconds: float, kind: type[H]
) -> H:
    """The leader's answer. Raises the error itself where it cannot be asked, TimeoutError, PeerRefused.

    What a broker has handed on to this one is not handed on again: two that are not of one mind could do so for ever.
    """
    if error.leader < 0 or call.session.peer_id is not None:
        raise error
    try:
        async with asyncio.timeout(seconds):
            response = await context.ask_broker(error.leader, request, call.api_version)
    except (PeerUnavailable, PeerBusy) as gone:  # It is about to be found out who leads instead.
        raise error from gone
    assert isinstance(response, kind), response
    return response


def _check_cluster(context: Context, named: str | None) -> None:
    if named is not None and named != context.image.cluster_id:
        raise InconsistentClusterId(context.image.cluster_id, named)


def _seconds(timeout_ms: int) -> float:
    return min(timeout_ms / 1000, LONGEST_S) if timeout_ms > 0 else TIMEOUT_S
