"""Who says hello is believed or refused; what is said is handed on or counted."""

from __future__ import annotations

import logging

import msgspec
import pytest

from cordwood.model.errors import ProtocolError
from cordwood.peers.identity import NO_DIRECTORY, Peer, hello_to
from cordwood.peers.reception import TOLD_LIMIT, Reception
from cordwood.wire.errors import ErrorCode
from tests.peers.conftest import OTHER, OWN

HELLO = hello_to(Peer(OWN.node_id, "here", 9092), OTHER)


class Desk:
    """A reception and what it told."""

    def __init__(self, noted: dict[int, bytes] | None = None) -> None:
        self.noted = noted or {}
        self.called: list[Peer] = []
        self.taken: list[tuple[int, bytes]] = []
        self.reception = Reception(
            lambda: OWN, lambda node_id: self.noted.get(node_id, NO_DIRECTORY), self.called.append, self.take
        )

    def take(self, sender: int, frame: memoryview) -> bool:
        if frame == b"lie":
            raise ProtocolError("in another's name")
        self.taken.append((sender, bytes(frame)))
        return frame != b"damaged"


def test_a_hello_is_answered_and_told():
    desk = Desk()
    response = desk.reception.hello(HELLO)
    assert (response.error_code, response.node_id, response.cluster_id) == (0, 1, "cluster-1")
    assert response.directory_id == OWN.directory_id
    assert desk.called == [Peer(2, "there", 9092)]
    assert (desk.reception.greeted, desk.reception.refused) == (1, 0)


def test_a_caller_is_told_with_the_directory_that_is_noted():
    desk = Desk({2: OTHER.directory_id})
    desk.reception.hello(HELLO)
    assert desk.called == [Peer(2, "there", 9092, OTHER.directory_id)]


def test_a_refused_hello_is_told_of_once(caplog):
    desk = Desk({2: b"x" * 16})
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            assert desk.reception.hello(HELLO).error_code == ErrorCode.INCONSISTENT_VOTER_SET
        desk.reception.hello(msgspec.structs.replace(HELLO, cluster_id="cluster-9"))
    assert not desk.called
    assert (desk.reception.greeted, desk.reception.refused) == (0, 4)
    assert len(caplog.records) == 2


def test_of_several_that_are_refused_each_is_told_of_once(caplog):
    desk = Desk()
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            for node_id in (5, 6):
                desk.reception.hello(msgspec.structs.replace(HELLO, cluster_id="cluster-9", node_id=node_id))
    assert len(caplog.records) == 2
    for node_id in range(10, 10 + 2 * TOLD_LIMIT):
        desk.reception.hello(msgspec.structs.replace(HELLO, cluster_id="cluster-9", node_id=node_id))
    assert len(desk.reception._told) <= TOLD_LIMIT


def test_messages_are_handed_on_and_damage_is_counted():
    desk = Desk()
    desk.reception.message(2, memoryview(b"whole"))
    desk.reception.message(3, memoryview(b"damaged"))
    assert desk.taken == [(2, b"whole"), (3, b"damaged")]
    assert (desk.reception.received, desk.reception.damaged) == (2, 1)
    with pytest.raises(ProtocolError):
        desk.reception.message(2, memoryview(b"lie"))
