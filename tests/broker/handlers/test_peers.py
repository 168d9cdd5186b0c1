"""A connection is a peer's from its hello on; whoever lies about it loses the connection."""

from __future__ import annotations

import msgspec
import pytest

from cordwood.broker.context import Call, Session, Threshold
from cordwood.broker.handlers.peers import handle_peer_hello, handle_peer_message
from cordwood.env.clock import SystemClock
from cordwood.env.dice import SeededDice
from cordwood.model.errors import ProtocolError
from cordwood.observe.requests import RequestCounts
from cordwood.peers.identity import Peer, hello_to
from cordwood.sim.loop import new_loop
from cordwood.wire.errors import ErrorCode
from cordwood.wire.messages.peer_message import PeerMessageRequest
from tests.peers.conftest import OTHER, OWN
from tests.peers.test_reception import Desk

HELLO = hello_to(Peer(OWN.node_id, "here", 9092), OTHER)


class Visit:
    """One connection, and the desk behind it."""

    def __init__(self) -> None:
        self.desk = Desk()
        loop = new_loop(SeededDice(1))
        self.threshold = Threshold(clock=SystemClock(), counts=RequestCounts(), loop=loop, peers=self.desk.reception)
        self.session = Session("PLAINTEXT", "10.0.0.2:40000")

    def hello(self, **changes: object) -> int:
        call = Call(self.session, 0, None)
        return handle_peer_hello(self.threshold, call, msgspec.structs.replace(HELLO, **changes)).error_code

    def message(self, frame: bytes | None) -> None:
        view = None if frame is None else memoryview(frame)
        handle_peer_message(self.threshold, Call(self.session, 0, None), PeerMessageRequest(frame=view))


@pytest.fixture
def visit() -> Visit:
    return Visit()


def test_after_the_hello_messages_are_the_peers(visit):
    assert visit.session.peer_id is None
    assert visit.hello() == 0
    assert visit.session.peer_id == 2
    visit.message(b"one")
    visit.message(b"two")
    assert visit.desk.taken == [(2, b"one"), (2, b"two")]


def test_a_hello_may_be_said_again(visit):
    assert visit.hello() == visit.hello() == 0
    assert visit.desk.reception.greeted == 2


def test_a_message_before_the_hello_costs_the_connection(visit):
    with pytest.raises(ProtocolError, match="has not said who it is"):
        visit.message(b"one")
    assert not visit.desk.taken


def test_a_refused_hello_is_none(visit):
    assert visit.hello(cluster_id="cluster-9") == ErrorCode.INCONSISTENT_VOTER_SET
    with pytest.raises(ProtocolError, match="has not said who it is"):
        visit.message(b"one")


def test_nobody_becomes_somebody_else(visit):
    visit.hello()
    with pytest.raises(ProtocolError, match="the connection of broker 2 says that it is broker 3"):
        visit.hello(node_id=3)
    assert visit.session.peer_id == 2


def test_a_message_in_anothers_name_costs_the_connection(visit):
    visit.hello()
    with pytest.raises(ProtocolError, match="in another's name"):
        visit.message(b"lie")


def test_damage_is_counted_and_costs_nothing(visit):
    visit.hello()
    visit.message(b"damaged")
    visit.message(b"whole")
    assert visit.desk.reception.damaged == 1


def test_a_message_without_a_frame_costs_the_connection(visit):
    visit.hello()
    with pytest.raises(ProtocolError, match="without a frame"):
        visit.message(None)
