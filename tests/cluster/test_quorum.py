"""Three processes are one quorum: what was acknowledged outlives each of them, and a minority decides nothing."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

import pytest

from cordwood.wire.errors import ErrorCode
from cordwood.wire.messages.create_topics import CreatableTopic, CreateTopicsRequest
from tests.cluster.creation import ADMINS, Admin, Creation, MayPass
from tests.cluster.nodes import ClusterOf, Node
from tests.raw_client import RawClient

pytestmark = [pytest.mark.clients, pytest.mark.crash, pytest.mark.timeout(240)]

SIZE = 3
ROUNDS = 2
PORTION = 5


def check_nothing_is_lost(cluster: ClusterOf, acknowledged: set[str]) -> None:
    """Every node knows of everything; one that did not answer itself may hear of the last of it a moment later."""
    for node in cluster.running:
        cluster.wait(partial(knows, node, acknowledged))


def knows(node: Node, topics: set[str]) -> bool:
    return topics <= node.topics()


def refused(node: Node, topic: str) -> tuple[ErrorCode, str]:
    """What a node says to a request that it cannot carry out."""
    with RawClient(node.port) as client:
        wanted = CreatableTopic(name=topic, num_partitions=1, replication_factor=1)
        answer = client.ask(CreateTopicsRequest(topics=[wanted], timeout_ms=1_000), 7)
        return ErrorCode(answer.topics[0].error_code), answer.topics[0].error_message


@pytest.mark.parametrize("new_admin", ADMINS.values(), ids=ADMINS)
def test_creation_goes_on_when_the_leader_is_killed(three: ClusterOf, new_admin: Callable[[str], Admin]) -> None:
    pauses: list[str] = []
    acknowledged: set[str] = set()
    for number in range(ROUNDS):
        leader = three.leader()
        with Creation(new_admin(three.servers), f"round-{number}") as creation:
            creation.until_more(PORTION)
            leader.process.kill()
            killed_at = time.monotonic()
            creation.until_more(PORTION)
        pauses.append(f"{creation.pause_after(killed_at) * 1000:.0f} ms")
        acknowledged |= creation.names
        check_nothing_is_lost(three, acknowledged)
        leader.start()
        assert len(three.running) == SIZE
        check_nothing_is_lost(three, acknowledged)
    print(f"from the kill of the leader to the next topic: {', '.join(pauses)}; {len(acknowledged)} topics")


@pytest.mark.parametrize("new_admin", ADMINS.values(), ids=ADMINS)
def test_a_minority_refuses_in_a_way_that_may_pass_and_comes_back(
    three: ClusterOf, new_admin: Callable[[str], Admin]
) -> None:
    with Creation(new_admin(three.servers), "before") as creation:
        creation.until_more(PORTION)
    leader = three.leader()
    left, other = (node for node in three.running if node is not leader)
    leader.process.kill()
    other.process.kill()
    code, words = refused(left, "raw")
    assert code is ErrorCode.REQUEST_TIMED_OUT
    assert code.retriable
    assert "no majority of the metadata quorum" in words
    admin = new_admin(left.address)
    with pytest.raises(MayPass):
        admin.create("through-a-client")
    admin.close()
    check_nothing_is_lost(three, creation.names)
    leader.start()
    with Creation(new_admin(three.servers), "after") as after:
        after.until_more(PORTION)
    other.start()
    check_nothing_is_lost(three, creation.names | after.names)


def test_each_is_stopped_and_started_in_turn(three: ClusterOf) -> None:
    with Creation(ADMINS["confluent-kafka"](three.servers), "rolling") as creation:
        for node in three.nodes.values():
            creation.until_more(PORTION)
            assert node.process.stop() == 0
            creation.until_more(PORTION)
            node.start()
        creation.until_more(PORTION)
    check_nothing_is_lost(three, creation.names)


def test_all_are_killed_at_once_and_come_back(three: ClusterOf) -> None:
    with Creation(ADMINS["confluent-kafka"](three.servers), "all") as creation:
        creation.until_more(PORTION)
        for node in three.nodes.values():
            node.process.kill()
        for node in three.nodes.values():
            node.process.launch()
        for node in three.nodes.values():
            node.ready()
        creation.until_more(PORTION)
    check_nothing_is_lost(three, creation.names)
