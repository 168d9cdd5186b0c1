"""Several nodes in one process are one cluster: founded, joined, left, and refused."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from cordwood.env.dice import SeededDice
from cordwood.env.disk import LocalDisk
from cordwood.metadata import topics
from cordwood.metadata.topics import NewTopic
from cordwood.model.consensus_errors import GroupStopped
from cordwood.model.group_errors import CoordinatorLoading, CoordinatorNotAvailable
from cordwood.model.ids import TopicId, TopicPartition
from cordwood.model.peer_errors import WrongNode
from cordwood.model.quorum_errors import NotFounded, OtherDirectory, TakenOut
from cordwood.node.configuration import NodeConfig, load
from cordwood.node.founding import found_member
from cordwood.node.node import Node
from cordwood.txns.commands import AddPartitions, EndTransaction, InitProducerId
from cordwood.txns.listing import DescribeTransaction
from cordwood.txns.replies import Producer

CLUSTER = "a-cluster"


def free_ports(count: int) -> list[int]:
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


class Cluster:
    """Three nodes, on ports that were free a moment ago."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._ports = free_ports(3)
        self.nodes: dict[int, Node] = {}

    def config(self, node_id: int, *more: str) -> NodeConfig:
        voters = ",".join(f"{number}@127.0.0.1:{port}" for number, port in enumerate(self._ports))
        return load(
            sets=[
                f"node.id={node_id}",
                f"log.dirs={self._directory / str(node_id)}",
                f"listeners=127.0.0.1:{self._ports[node_id]}",
                f"controller.quorum.voters={voters}",
                f"cluster.id={CLUSTER}",
                *more,
            ]
        )

    def found(self, *node_ids: int) -> None:
        for node_id in node_ids:
            found_member(self.config(node_id), LocalDisk(), SeededDice(node_id))

    async def start(self, *node_ids: int) -> None:
        for node_id in node_ids:
            self.nodes[node_id] = Node(self.config(node_id))
        await asyncio.gather(*(self.nodes[node_id].start() for node_id in node_ids))

    async def stop(self, *node_ids: int) -> None:
        await asyncio.gather(*(self.nodes.pop(node_id).stop() for node_id in node_ids))

    async def create(self, by: int, name: str) -> None:
        node = self.nodes[by]
        (created,) = await node.controller.propose(
            lambda image: topics.create(
                image,
                [NewTopic(name=name, partitions=3, replication_factor=1)],
                new_id=lambda: TopicId(name.encode().ljust(16, b"-")),
                defaults=node.context.settings.topic_defaults,
            )
        )
        assert created.error is None


async def a_moment() -> None:
    """Others have their turns."""
    loop = asyncio.get_running_loop()
    moment = loop.create_future()
    loop.call_later(0.01, moment.set_result, None)
    await moment


async def until_said(node: Node, words: str) -> None:
    """Until a start says what it waits for."""
    while words not in node.starting:
        await a_moment()


async def answered(asked: Callable[[], Any]) -> Any:
    """The answer of a coordinator, when it is loaded."""
    while True:
        try:
            answer = asked()
            answer = await answer if isinstance(answer, asyncio.Future) else answer
        except (CoordinatorLoading, CoordinatorNotAvailable) as error:
            answer = error
        if not isinstance(answer, CoordinatorLoading | CoordinatorNotAvailable):
            return answer
        await a_moment()


@pytest_asyncio.fixture
async def cluster(tmp_path: Path) -> AsyncIterator[Cluster]:
    made = Cluster(tmp_path)
    async with asyncio.timeout(100):
        yield made
        await made.stop(*made.nodes)


@pytest.mark.asyncio
async def test_three_nodes_are_one_cluster(cluster: Cluster) -> None:
    cluster.found(0, 1, 2)
    await cluster.start(0, 1, 2)
    for node_id in range(3):
        await cluster.create(node_id, f"topic-{node_id}")
    for node in cluster.nodes.values():
        image = await node.controller.read()
        assert (image.cluster_id, sorted(image.brokers)) == (CLUSTER, [0, 1, 2])
        assert sorted(image.topics) == ["topic-0", "topic-1", "topic-2"]
        assert all(any(noted.directory_id) for noted in image.quorum_nodes.values())
    assert len({node.controller.leader for node in cluster.nodes.values()}) == 1
    counts = [node.quorum_counts for node in cluster.nodes.values()]
    assert [(one.voters, one.observers, one.damaged) for one in counts] == [(3, 0, 0)] * 3
    assert sorted(one.is_leader for one in counts) == [False, False, True]
    assert all(peer.is_linked and peer.sent for one in counts if one.is_leader for peer in one.peers)


@pytest.mark.asyncio
@pytest.mark.parametrize("committed", [True, False])
async def test_a_transaction_ends_in_the_partitions_of_all_nodes(cluster: Cluster, committed: bool) -> None:
    cluster.found(0, 1, 2)
    await cluster.start(0, 1, 2)
    await cluster.create(0, "orders")
    await cluster.nodes[0].transactions.ensure_topic()
    image = await cluster.nodes[0].controller.read()
    held = {
        partition.leader: TopicPartition("orders", partition.index) for partition in image.topics["orders"].partitions
    }
    assert sorted(held) == [0, 1, 2]
    for node in cluster.nodes.values():
        await node.controller.read()
    coordinator = cluster.nodes[cluster.nodes[0].transactions.leader_of("payments")]
    given = await answered(partial(coordinator.transactions.run, "payments", InitProducerId("payments", 60_000)))
    assert isinstance(given, Producer)
    for node_id, name in held.items():  # Each broker asks for its own partition, as at the first write.
        adding = AddPartitions("payments", given.producer_id, given.producer_epoch, frozenset({name}), client_version=2)
        asking = cluster.nodes[node_id].context.coordinators
        assert await answered(partial(asking.ask, adding)) is None
    ending = EndTransaction("payments", given.producer_id, given.producer_epoch, committed, client_version=2)
    assert isinstance(await coordinator.transactions.run("payments", ending), Producer)
    while coordinator.transactions.ask(DescribeTransaction("payments")).is_ending:
        await a_moment()
    for node_id, name in held.items():
        partition = cluster.nodes[node_id].partitions.get(name)
        assert partition is not None
        known = partition.log.producers.find(given.producer_id)
        assert known is not None
        assert (partition.high_watermark, known.epoch) == (1, given.producer_epoch + 1)


@pytest.mark.asyncio
async def test_a_leader_that_stops_hands_over(cluster: Cluster) -> None:
    cluster.found(0, 1, 2)
    await cluster.start(0, 1, 2)
    leader = cluster.nodes[0].controller.leader
    assert leader is not None
    term = cluster.nodes[leader].controller.driver.term
    await cluster.stop(leader)
    others = list(cluster.nodes)
    await cluster.create(others[0], "after")
    status = cluster.nodes[others[0]].controller.driver.status()
    assert status.term == term + 1  # Nobody had to wait for an election: the first one was the one that was asked for.
    await cluster.start(leader)
    assert "after" in cluster.nodes[leader].image.topics


@pytest.mark.asyncio
async def test_a_broker_that_is_taken_out_hears_of_it_and_cannot_go_on(cluster: Cluster) -> None:
    cluster.found(0, 1, 2)
    await cluster.start(0, 1, 2)
    leading = cluster.nodes[0].controller.leader
    assert leading is not None
    leader = cluster.nodes[leading]
    number = next(number for number in cluster.nodes if number != leading)
    gone = cluster.nodes[number]
    await leader.context.membership.remove(number)
    assert gone.failure is None
    await leader.context.membership.unregister(number)
    while gone.failure is None:
        await a_moment()
    assert isinstance(gone.failure, TakenOut)
    assert [node.failure for node in cluster.nodes.values() if node is not gone] == [None, None]
    await cluster.stop(0, 1, 2)


@pytest.mark.asyncio
async def test_a_start_without_a_majority_says_so_and_can_be_given_up(cluster: Cluster) -> None:
    cluster.found(0, 1, 2)
    node = Node(cluster.config(1))
    starting = asyncio.ensure_future(node.start())
    await until_said(node, "0 of 2 other members reached")
    assert "waiting for a majority of the metadata quorum" in node.starting
    assert "broker 0 at 127.0.0.1" in node.starting
    node.give_up()
    with pytest.raises(GroupStopped, match="given up"):
        await starting
    await cluster.start(0, 1)  # Nothing was left locked.


@pytest.mark.asyncio
async def test_a_member_that_was_not_founded_is_refused(cluster: Cluster) -> None:
    with pytest.raises(NotFounded, match="cordwood cluster bootstrap"):
        await cluster.start(2)
    cluster.nodes.clear()


@pytest.mark.asyncio
async def test_who_is_to_join_waits_to_be_added(cluster: Cluster) -> None:
    node = Node(cluster.config(2, "controller.quorum.bootstrap.servers=127.0.0.1:1"))
    starting = asyncio.ensure_future(node.start())
    await until_said(node, "waiting to be added to a cluster as node 2")
    node.give_up()
    with pytest.raises(GroupStopped):
        await starting


@pytest.mark.asyncio
async def test_the_directory_of_another_node_is_refused(cluster: Cluster, tmp_path: Path) -> None:
    cluster.found(0, 1, 2)
    await cluster.start(0, 1)
    await cluster.stop(0, 1)
    (tmp_path / "1").rename(tmp_path / "2-founded-as-1")
    (tmp_path / "2").rename(tmp_path / "2-founded")
    (tmp_path / "2-founded-as-1").rename(tmp_path / "2")
    with pytest.raises(WrongNode, match="belongs to broker 1, the configuration says 2"):
        await cluster.start(2)
    cluster.nodes.clear()


@pytest.mark.asyncio
async def test_a_member_that_lost_its_disk_and_was_founded_anew_is_refused(cluster: Cluster, tmp_path: Path) -> None:
    cluster.found(0, 1, 2)
    await cluster.start(0, 1, 2)
    await cluster.stop(2)
    (tmp_path / "2").rename(tmp_path / "lost")
    cluster.found(2)
    node = Node(cluster.config(2))
    starting = asyncio.ensure_future(node.start())
    await until_said(node, "is noted for it")
    assert "must be removed and added again" in node.starting
    node.give_up()
    with pytest.raises((GroupStopped, OtherDirectory)):
        await starting
