"""The client finds the leader, asks it once for a change, and says what it tried when it does not get there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

import pytest

from cordwood.cli.cluster.quorum_client import AnswerLost, ClusterClient, Unreachable, View
from cordwood.env.clock import Clock
from cordwood.node.addresses import HostPort
from cordwood.sim.clock import SimClock
from cordwood.wire.errors import ErrorCode
from cordwood.wire.messages.describe_quorum import (
    DescribeQuorumRequest,
    DescribeQuorumResponse,
    PartitionQuorum,
    TopicQuorum,
)
from cordwood.wire.messages.metadata import MetadataRequest, MetadataResponse, MetadataResponseBroker
from cordwood.wire.messages.transfer_leadership import TransferLeadershipRequest, TransferLeadershipResponse
from tests.cli.scripted_broker import Script, ScriptedBroker

NOWHERE = HostPort("127.0.0.1", 1)
CHANGE = TransferLeadershipRequest(target_id=3)


class Town:
    """Scripted brokers 1, 2, ... that know each other; `leader` leads, and `controller` is what metadata say."""

    def __init__(self, brokers: list[ScriptedBroker], leader: int, controller: int) -> None:
        self.brokers = brokers
        self.leader = leader
        self.controller = controller
        self.does: Script = lambda request: TransferLeadershipResponse()

    def answer(self, own: int, request: Any) -> Any:
        if isinstance(request, MetadataRequest):
            known = [
                MetadataResponseBroker(node_id=number, host=broker.place.host, port=broker.place.port)
                for number, broker in enumerate(self.brokers, 1)
            ]
            return MetadataResponse(brokers=known, cluster_id="c", controller_id=self.controller)
        if own == self.leader:
            return self.does(request)
        refused = {"error_code": ErrorCode.NOT_LEADER_OR_FOLLOWER, "error_message": f"node {self.leader} leads"}
        if isinstance(request, DescribeQuorumRequest):
            quorum = PartitionQuorum(leader_id=self.leader, **refused)
            return DescribeQuorumResponse(topics=[TopicQuorum(partitions=[quorum])])
        return TransferLeadershipResponse(**refused)

    def asked(self) -> list[int]:
        """Who was asked for something else than metadata, as often as it was."""
        return [
            number
            for number, broker in enumerate(self.brokers, 1)
            for request in broker.asked
            if not isinstance(request, MetadataRequest)
        ]

    def client(self, *places: HostPort, clock: Clock | None = None, pause: Any = lambda seconds: None) -> ClusterClient:
        return ClusterClient(places or [self.brokers[0].place], 5.0, clock=clock, pause=pause)


@contextmanager
def town_of(size: int, leader: int = 1, controller: int = -1) -> Iterator[Town]:
    with ExitStack() as stack:
        brokers: list[ScriptedBroker] = []
        town = Town(brokers, leader, controller)
        brokers += [ScriptedBroker(partial(town.answer, number)) for number in range(1, size + 1)]
        for broker in brokers:
            stack.enter_context(broker)
        yield town


def outcome(answer: Any) -> Any:
    return answer


def quorum_of(answer: Any) -> Any:
    return answer.topics[0].partitions[0]


def test_what_a_broker_says_of_its_cluster() -> None:
    with town_of(2, controller=2) as town:
        view = town.client(NOWHERE, town.brokers[1].place).view()
        assert view == View("c", 2, {1: town.brokers[0].place, 2: town.brokers[1].place})


def test_the_controller_is_asked_first() -> None:
    with town_of(3, leader=3, controller=3) as town:
        assert town.client().ask_leader(CHANGE, 0, outcome, 1.0).error_code == 0
        assert town.asked() == [3]


def test_who_does_not_lead_says_who_does() -> None:
    with town_of(4, leader=4, controller=2) as town:
        town.does = lambda request: DescribeQuorumResponse(topics=[TopicQuorum(partitions=[PartitionQuorum()])])
        town.client().ask_leader(DescribeQuorumRequest(), 2, quorum_of)
        assert town.asked() == [2, 4]


def test_everybody_is_asked_where_nobody_says_who_leads() -> None:
    with town_of(3, leader=3, controller=-1) as town:
        assert town.client().ask_leader(CHANGE, 0, outcome, 1.0).error_code == 0
        assert town.asked() == [1, 2, 3]


def test_an_election_is_waited_for() -> None:
    with town_of(2, leader=-1) as town:

        def elected(seconds: float) -> None:
            town.leader = 2

        assert town.client(pause=elected).ask_leader(CHANGE, 0, outcome, 1.0).error_code == 0
        assert town.asked() == [1, 2, 2] or town.asked() == [1, 1, 2, 2]


def test_without_a_leader_it_is_told_what_everybody_said() -> None:
    with town_of(2, leader=-1) as town:
        clock = SimClock()
        client = town.client(clock=clock, pause=lambda seconds: clock.advance(10_000))
        with pytest.raises(Unreachable) as failed:
            client.ask_leader(CHANGE, 0, outcome, 1.0)
        assert "the leader of the quorum could not be reached" in str(failed.value)
        assert all(str(broker.place) in str(failed.value) for broker in town.brokers)


def test_nobody_is_there() -> None:
    with pytest.raises(Unreachable, match=r"the cluster could not be reached: 127\.0\.0\.1:1: "):
        ClusterClient([NOWHERE], 1.0).view()


def test_a_broker_that_is_only_starting_is_waited_for() -> None:
    pauses: list[float] = []
    with town_of(1) as town:
        ready = town.brokers[0].script
        town.brokers[0].script = lambda request: ready(request) if pauses else None
        assert town.client(pause=pauses.append).view().cluster_id == "c"
    assert len(pauses) == 1


def test_a_change_whose_answer_is_lost_is_not_sent_again() -> None:
    with town_of(2, leader=1, controller=1) as town:
        town.does = lambda request: None
        with pytest.raises(AnswerLost, match="cluster status"):
            town.client().ask_leader(CHANGE, 0, outcome, 1.0)
        assert town.asked() == [1]


@pytest.mark.parametrize("answer", [b"\0\0\0\2xx", b"\x7f\xff\xff\xff", b"\0\0\0\4\0\0\0\x63"])
def test_what_is_no_answer(answer: bytes) -> None:
    with ScriptedBroker(lambda request: answer) as broker, pytest.raises(Unreachable):
        ClusterClient([broker.place], 1.0).view()


def test_a_broker_that_says_nothing_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cordwood.cli.cluster.quorum_client.PATIENCE_S", 0.1)
    with ScriptedBroker(lambda request: b"") as silent, town_of(1) as town:
        assert town.client(silent.place, town.brokers[0].place).view().cluster_id == "c"


def test_a_broker_that_says_nothing_is_not_waited_for_forever() -> None:
    with ScriptedBroker(lambda request: b"") as broker, pytest.raises(Unreachable, match="timed out"):
        ClusterClient([broker.place], 0.2).view()
