"""The way to the coordinator of a transactional id, and the wait for markers on it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest

from cordwood.broker.transaction_calls import NO_PEERS, Coordinators
from cordwood.env.clock import SystemClock
from cordwood.model.errors import CordwoodError
from cordwood.model.group_errors import CoordinatorNotAvailable, NotCoordinator
from cordwood.model.ids import BrokerId, TopicPartition
from cordwood.model.transaction_errors import ConcurrentTransactions
from cordwood.txns.commands import Command, EndTransaction, VerifyPartitions

pytestmark = pytest.mark.asyncio

OWN, OTHER = BrokerId(1), BrokerId(2)
END = EndTransaction("id", 5, 0, True)
VERIFY = VerifyPartitions("id", 5, 0, frozenset({TopicPartition("t", 0)}))
BUSY = ConcurrentTransactions("id")


class Own:
    """A coordinator with prepared replies; an error that is not a reply is raised."""

    def __init__(self, replies: Iterable[Any], leader: BrokerId | CordwoodError = OWN) -> None:
        self.replies = list(replies)
        self.leader = leader
        self.waits = 0

    def run(self, transactional_id: str, command: Command) -> Any:
        assert transactional_id == command.transactional_id
        reply = self.replies.pop(0)
        if isinstance(reply, NotCoordinator):
            raise reply
        return reply

    def leader_of(self, transactional_id: str) -> BrokerId:
        if isinstance(self.leader, CordwoodError):
            raise self.leader
        return self.leader

    async def over(self, transactional_id: str, within_ms: float) -> None:
        self.waits += 1


class OtherBrokers:
    def __init__(self) -> None:
        self.asked: list[tuple[BrokerId, Command]] = []

    async def ask(self, broker: BrokerId, command: Command) -> str:
        self.asked.append((broker, command))
        return "theirs"


def coordinators(own: Own, *, limit_ms: int = 60_000, peers: Any = NO_PEERS) -> Coordinators:
    loop = asyncio.get_running_loop()
    return Coordinators(own, broker_id=OWN, wait_limit_ms=limit_ms, clock=SystemClock(), loop=loop, peers=peers)


def owed(value: Any) -> asyncio.Future[Any]:
    future = asyncio.get_running_loop().create_future()
    future.set_result(value)
    return future


async def test_what_is_there_is_answered_at_once():
    assert coordinators(Own(["done"])).run(END) == "done"


async def test_what_is_owed_is_answered_later():
    assert await coordinators(Own([owed("done")])).run(END) == "done"


async def test_an_error_is_an_answer_however_it_comes():
    for error in (NotCoordinator("id"), CoordinatorNotAvailable("id", "no")):
        assert coordinators(Own([error])).run(END) is error


async def test_whoever_meets_markers_comes_again_when_they_are_written():
    own = Own([BUSY, owed(BUSY), "done"])
    assert await coordinators(own).run(END) == "done"
    assert own.waits == 2


async def test_nobody_waits_for_longer_than_the_limit():
    own = Own([BUSY])
    assert await coordinators(own, limit_ms=0).run(END) is BUSY
    assert own.waits == 0


async def test_what_changed_meanwhile_is_told():
    error = NotCoordinator("id")
    assert await coordinators(Own([BUSY, error])).run(END) is error


async def test_questions_go_to_whoever_coordinates_the_id():
    peers = OtherBrokers()
    assert coordinators(Own(["ours"]), peers=peers).ask(VERIFY) == "ours"
    assert await coordinators(Own([], OTHER), peers=peers).ask(VERIFY) == "theirs"
    assert peers.asked == [(OTHER, VERIFY)]


async def test_where_nobody_can_be_asked():
    nobody = CoordinatorNotAvailable("id", "no leader")
    assert coordinators(Own([], nobody)).ask(VERIFY) is nobody
    answer = await coordinators(Own([], OTHER)).ask(VERIFY)
    assert isinstance(answer, CoordinatorNotAvailable)
    assert "no channel to broker 2" in str(answer)
