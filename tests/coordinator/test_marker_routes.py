"""A marker goes to whoever leads the partition: into a log, through a shard, or to another broker."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from cordwood.coordinator import marker_routes
from cordwood.coordinator.marker_routes import LocalMarkers, MarkerRoutes, NoRemote, Outcomes, Remote, Sent
from cordwood.coordinator.transaction_marker import TransactionMarker
from cordwood.metadata import EMPTY, Image, replay_all
from cordwood.metadata.records import PartitionRecord, TopicRecord
from cordwood.model.errors import CordwoodError, UnknownTopic
from cordwood.model.group_errors import CoordinatorLoading
from cordwood.model.ids import BrokerId, TopicId, TopicPartition
from cordwood.model.transaction_errors import MarkerNotWritten
from tests.coordinator.rig import NAME, Rig

pytestmark = pytest.mark.asyncio

MARKER = TransactionMarker(7, 3, True, 5)
MINE, OTHERS, NOBODYS, GONE = (TopicPartition("orders", index) for index in range(4))


class Held:
    """The partition of a rig."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig

    def get(self, name: tuple[str, int]) -> Any:
        return self._rig.partition if name in (NAME, MINE) else None

    def why_missing(self, topic: str, index: int) -> CordwoodError:
        return UnknownTopic(f"{topic}-{index}")


def image() -> Image:
    """One partition here, one at broker 2, one without a leader."""
    topic_id = TopicId(b"orders".ljust(16, b"."))
    partitions = [PartitionRecord(topic_id, index, (broker,)) for index, broker in enumerate((1, 2, -1))]
    return replay_all(EMPTY, [TopicRecord("orders", topic_id), *partitions])


class Peer:
    """Broker 2, which answers when the test says."""

    def __init__(self) -> None:
        self.requests: list[tuple[BrokerId, list[Sent]]] = []
        self.answers: list[asyncio.Future[Outcomes]] = []

    async def write_markers(self, broker: BrokerId, markers: Sequence[Sent]) -> Outcomes:
        self.requests.append((broker, list(markers)))
        self.answers.append(asyncio.get_running_loop().create_future())
        return await self.answers[-1]


class Bench:
    def __init__(self, rig: Rig, remote: Remote) -> None:
        self.told: list[tuple[TopicPartition, CordwoodError | None]] = []
        self.local = LocalMarkers(Held(rig), {NAME.topic: lambda _, marker: rig.runner.append_marker(marker)})
        self.routes = MarkerRoutes(image, self.local, remote, BrokerId(1), asyncio.get_running_loop())

    def write(self, name: TopicPartition, marker: TransactionMarker = MARKER) -> None:
        self.routes.write(name, marker, lambda error: self.told.append((name, error)))


async def turns() -> None:
    for _ in range(6):
        await asyncio.sleep(0)


async def test_a_marker_of_this_broker_waits_for_the_disk() -> None:
    rig = await Rig().started()
    bench = Bench(rig, NoRemote())
    bench.write(MINE)
    await rig.settle(syncs=False)
    assert (rig.log.end_offset, bench.told) == (1, [])
    await rig.settle()
    assert bench.told == [(MINE, None)]


async def test_under_the_policy_os_it_is_there_at_once() -> None:
    rig = await Rig(policy="os").started()
    bench = Bench(rig, NoRemote())
    bench.write(MINE)
    assert bench.told == [(MINE, None)]


async def test_offsets_learn_of_it_by_way_of_their_shard() -> None:
    rig = Rig()
    told: list[CordwoodError | None] = []
    bench = Bench(rig, NoRemote())
    bench.local.write(NAME, MARKER, told.append)
    assert [type(error) for error in told] == [CoordinatorLoading]
    assert rig.log.end_offset == 0


async def test_a_partition_that_is_not_here_says_why() -> None:
    bench = Bench(Rig(), NoRemote())
    told: list[CordwoodError | None] = []
    bench.local.write(OTHERS, MARKER, told.append)
    assert [type(error) for error in told] == [UnknownTopic]


async def test_a_partition_without_a_leader_waits_for_one() -> None:
    bench = Bench(Rig(), NoRemote())
    bench.write(NOBODYS)
    assert [(name, type(error)) for name, error in bench.told] == [(NOBODYS, MarkerNotWritten)]


async def test_a_partition_that_there_is_not() -> None:
    routes = Bench(Rig(), NoRemote()).routes
    assert [routes.is_gone(name) for name in (MINE, OTHERS, NOBODYS, GONE)] == [False, False, False, True]


async def test_without_a_channel_to_other_brokers_the_error_says_so() -> None:
    bench = Bench(Rig(), NoRemote())
    bench.write(OTHERS)
    await turns()
    assert [str(error) for _, error in bench.told] == [
        "the end of a transaction could not be written into orders-1: there is no channel to broker 2"
    ]


async def test_what_comes_while_a_request_is_under_way_shares_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(marker_routes, "SENT_AT_ONCE", 2)
    peer = Peer()
    bench = Bench(Rig(), peer)
    markers = [TransactionMarker(producer_id, 0, True, 5) for producer_id in range(4)]
    bench.write(OTHERS, markers[0])
    await turns()
    for marker in markers[1:]:
        bench.write(OTHERS, marker)
    await turns()
    assert peer.requests == [(2, [Sent(OTHERS, markers[0])])]
    refused = UnknownTopic("orders-1")
    peer.answers[0].set_result({Sent(OTHERS, markers[0]): refused})
    await turns()
    assert peer.requests[1:] == [(2, [Sent(OTHERS, markers[1]), Sent(OTHERS, markers[2])])]
    peer.answers[1].set_result(dict.fromkeys(peer.requests[1][1]))
    await turns()
    assert peer.requests[2:] == [(2, [Sent(OTHERS, markers[3])])]
    peer.answers[2].set_result({Sent(OTHERS, markers[3]): refused})
    await turns()
    assert bench.told == [(OTHERS, refused), (OTHERS, None), (OTHERS, None), (OTHERS, refused)]
    await bench.routes.close()


async def test_at_the_end_nobody_is_waited_for() -> None:
    peer = Peer()
    bench = Bench(Rig(), peer)
    bench.write(OTHERS)
    await turns()
    await bench.routes.close()
    assert peer.answers[0].cancelled()
    assert bench.told == []
