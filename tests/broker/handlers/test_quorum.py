"""The quorum of one broker, described and changed: what can be is done, what cannot is said."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from cordwood.broker.context import Call, Session
from cordwood.broker.handlers.quorum import handle_describe_quorum, handle_transfer_leadership
from cordwood.model.errors import CordwoodError
from cordwood.model.peer_errors import PeerBusy, PeerUnavailable
from cordwood.model.quorum_errors import NotQuorumLeader
from cordwood.testing import Server
from cordwood.wire.errors import ErrorCode
from cordwood.wire.messages.add_raft_voter import AddRaftVoterRequest, Listener
from cordwood.wire.messages.describe_cluster import DescribeClusterRequest
from cordwood.wire.messages.describe_quorum import (
    DescribeQuorumRequest,
    DescribeQuorumResponse,
    PartitionData,
    TopicData,
)
from cordwood.wire.messages.metadata import MetadataRequest
from cordwood.wire.messages.remove_raft_voter import RemoveRaftVoterRequest
from cordwood.wire.messages.transfer_leadership import TransferLeadershipRequest, TransferLeadershipResponse
from cordwood.wire.messages.unregister_broker import UnregisterBrokerRequest
from cordwood.wire.schema import Message
from tests.broker.neighbours import assign, register
from tests.raw_client import RawClient

QUORUM = "__cluster_metadata"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A broker of its own: the tests change who is in its cluster."""
    with Server() as running:
        yield running


def describe(client: RawClient, version: int, *asked: tuple[str, int]) -> Any:
    topics = [TopicData(name, [PartitionData(index)]) for name, index in asked or [(QUORUM, 0)]]
    return client.ask(DescribeQuorumRequest(topics=topics), version)


@pytest.mark.parametrize("version", range(3))
def test_who_is_alone_leads_and_votes(client: RawClient, version: int) -> None:
    answer = describe(client, version)
    assert answer.error_code == 0
    (topic,) = answer.topics
    (quorum,) = topic.partitions
    assert (topic.topic_name, quorum.partition_index, quorum.error_code) == (QUORUM, 0, 0)
    assert (quorum.leader_id, [voter.replica_id for voter in quorum.current_voters], quorum.observers) == (1, [1], [])
    assert quorum.leader_epoch >= 1
    (voter,) = quorum.current_voters
    assert voter.log_end_offset >= quorum.high_watermark > 1
    if version >= 1:
        assert voter.last_fetch_timestamp == voter.last_caught_up_timestamp > 1_600_000_000_000


@pytest.mark.parametrize("asked", [[("orders", 0)], [(QUORUM, 1)], [(QUORUM, 0), ("orders", 0)]])
def test_there_is_one_quorum(client: RawClient, asked: list[tuple[str, int]]) -> None:
    answer = describe(client, 2, *asked)
    told = [(topic.topic_name, partition.partition_index) for topic in answer.topics for partition in topic.partitions]
    assert told == asked
    codes = {partition.error_code for topic in answer.topics for partition in topic.partitions}
    assert codes == {ErrorCode.UNKNOWN_TOPIC_OR_PARTITION}


def adding(
    node: int, *, cluster: str | None = None, host: str = "127.0.0.1", timeout_ms: int = 300
) -> AddRaftVoterRequest:
    listeners = [Listener("PLAINTEXT", host, 1)] if host else []
    return AddRaftVoterRequest(cluster_id=cluster, timeout_ms=timeout_ms, voter_id=node, listeners=listeners)


@pytest.mark.parametrize(
    ("request_", "code", "words"),
    [
        (adding(2, cluster="other"), ErrorCode.INCONSISTENT_CLUSTER_ID, "cluster other"),
        (adding(1), ErrorCode.DUPLICATE_VOTER, "voter already"),
        (adding(-2), ErrorCode.INVALID_REQUEST, "no number"),
        (adding(2, host=""), ErrorCode.INVALID_REQUEST, "where the node is reached"),
        (AddRaftVoterRequest(voter_id=2, listeners=[Listener("A", "a", 0)]), ErrorCode.INVALID_REQUEST, "port 0"),
        (RemoveRaftVoterRequest(cluster_id="other", voter_id=1), ErrorCode.INCONSISTENT_CLUSTER_ID, "other"),
        (RemoveRaftVoterRequest(voter_id=7), ErrorCode.VOTER_NOT_FOUND, "node 7 is no voter"),
        (RemoveRaftVoterRequest(voter_id=1), ErrorCode.INVALID_REQUEST, "last voter"),
        (TransferLeadershipRequest(cluster_id="other"), ErrorCode.INCONSISTENT_CLUSTER_ID, "other"),
        (TransferLeadershipRequest(target_id=7), ErrorCode.VOTER_NOT_FOUND, "node 7 is no voter"),
        (UnregisterBrokerRequest(broker_id=7), ErrorCode.BROKER_ID_NOT_REGISTERED, "broker 7"),
        (UnregisterBrokerRequest(broker_id=1), ErrorCode.INVALID_REQUEST, "remove it from the quorum first"),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else value,
)
def test_what_cannot_be(client: RawClient, request_: Message, code: ErrorCode, words: str) -> None:
    answer = client.ask(request_, request_.versions.last)
    assert answer.error_code == code, answer.error_message
    assert words in answer.error_message


def test_the_leader_may_be_handed_to_itself(client: RawClient) -> None:
    assert client.ask(TransferLeadershipRequest(target_id=1), 0).error_code == 0


def test_a_node_that_is_not_there_gets_no_vote(client: RawClient) -> None:
    answer = client.ask(adding(8), 1)
    assert answer.error_code == ErrorCode.REQUEST_TIMED_OUT
    assert "member without a vote" in answer.error_message
    (quorum,) = describe(client, 2).topics[0].partitions
    assert [voter.replica_id for voter in quorum.current_voters] == [1]
    (observer,) = quorum.observers
    assert (observer.replica_id, observer.last_fetch_timestamp) == (8, -1)
    (node,) = [node for node in describe(client, 2).nodes if node.node_id == 8]
    assert [(place.name, place.host, place.port) for place in node.listeners] == [("PLAINTEXT", "127.0.0.1", 1)]
    assert client.ask(UnregisterBrokerRequest(broker_id=8), 0).error_code == 0
    assert describe(client, 2).topics[0].partitions[0].observers == []


def test_a_broker_leaves_once_it_holds_nothing(server: Server, client: RawClient) -> None:
    register(server, 5)
    register(server, 6)
    assign(client, "held", 5)
    refused = client.ask(UnregisterBrokerRequest(broker_id=5), 0)
    assert (refused.error_code, "held-0" in refused.error_message) == (ErrorCode.INVALID_REQUEST, True)
    assert client.ask(UnregisterBrokerRequest(broker_id=6), 0).error_code == 0
    brokers = [broker.node_id for broker in client.ask(MetadataRequest(topics=[]), 12).brokers]
    assert brokers == [1, 5]


def test_the_controller_is_the_leader(client: RawClient) -> None:
    assert client.ask(MetadataRequest(topics=[]), 12).controller_id == 1
    assert client.ask(DescribeClusterRequest(), 2).controller_id == 1


class Elsewhere:
    """A broker that does not lead: what it needs to hand a request on, and what it has handed on."""

    def __init__(self, leader: int, answer: Message | CordwoodError) -> None:
        self.membership = self
        self.asked: list[tuple[int, Message, int]] = []
        self._leader = leader
        self._answer = answer

    def describe(self) -> None:
        raise NotQuorumLeader(self._leader)

    async def transfer(self, node_id: int, timeout_s: float) -> None:
        raise NotQuorumLeader(self._leader)

    async def ask_broker(self, node_id: int, message: Message, version: int) -> Message:
        self.asked.append((node_id, message, version))
        if isinstance(self._answer, CordwoodError):
            raise self._answer
        return self._answer

    def describes(self, session: Session) -> DescribeQuorumResponse:
        request = DescribeQuorumRequest(topics=[TopicData(QUORUM, [PartitionData(0)])])
        return asyncio.run(handle_describe_quorum(self, Call(session, 2, None), request))  # type: ignore[arg-type]

    def transfers(self, session: Session) -> TransferLeadershipResponse:
        request = TransferLeadershipRequest(target_id=3)
        return asyncio.run(handle_transfer_leadership(self, Call(session, 0, None), request))  # type: ignore[arg-type]


def session_of(peer_id: int | None = None) -> Session:
    session = Session("PLAINTEXT", "somewhere")
    session.peer_id = peer_id
    return session


def test_who_does_not_lead_hands_on() -> None:
    described, done = DescribeQuorumResponse(), TransferLeadershipResponse()
    elsewhere = Elsewhere(2, described)
    assert elsewhere.describes(session_of()) is described
    assert [(leader, version) for leader, _, version in elsewhere.asked] == [(2, 2)]
    assert Elsewhere(2, done).transfers(session_of()) is done


@pytest.mark.parametrize(
    ("elsewhere", "session", "asks"),
    [
        (Elsewhere(-1, TransferLeadershipResponse()), session_of(), 0),
        (Elsewhere(2, TransferLeadershipResponse()), session_of(peer_id=1), 0),
        (Elsewhere(2, PeerUnavailable(2, "it is gone")), session_of(), 1),
        (Elsewhere(2, PeerBusy(2, "too much")), session_of(), 1),
    ],
    ids=["nobody leads", "it was handed on before", "the leader is gone", "the leader is busy"],
)
def test_what_cannot_be_handed_on_is_said(elsewhere: Elsewhere, session: Session, asks: int) -> None:
    answer = elsewhere.transfers(session)
    assert answer.error_code == ErrorCode.NOT_LEADER_OR_FOLLOWER
    assert len(elsewhere.asked) == asks
    (quorum,) = elsewhere.describes(session).topics[0].partitions
    assert quorum.error_code == ErrorCode.NOT_LEADER_OR_FOLLOWER


def test_a_leader_that_takes_too_long_may_have_done_it() -> None:
    class Slow(Elsewhere):
        async def ask_broker(self, node_id: int, message: Message, version: int) -> Message:
            raise TimeoutError

    answer = Slow(2, TransferLeadershipResponse()).transfers(session_of())
    assert answer.error_code == ErrorCode.REQUEST_TIMED_OUT
    assert "look whether it was done" in (answer.error_message or "")
