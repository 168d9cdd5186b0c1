"""Decisions of several nodes at once: each takes effect once, or is decided again, or is told why not."""

from __future__ import annotations

import asyncio

import pytest

from cordwood.controller import proposals
from cordwood.metadata import Result
from cordwood.metadata.records import ConfigRecord
from cordwood.model.consensus_errors import NoQuorum, NotTaken, OutcomeUnknown
from cordwood.model.errors import InvalidRequest
from tests.controller.cluster import Cluster, created, registered


@pytest.fixture
def cluster():
    with Cluster(3) as cluster:
        cluster.start()
        yield cluster


def counted(name="counter"):
    """Adds one to a number: nobody may be passed over, and nobody counted twice."""

    def decide(image):
        value = str(1 + int(image.config_of((4, "")).get(name, "0")))
        return Result((ConfigRecord(4, "", name, value),), value)

    return decide


def count(image, name="counter"):
    return int(image.config_of((4, "")).get(name, "0"))


def test_what_any_node_proposes_is_shown_there_and_then_everywhere(cluster):
    async def test():
        for seat in cluster.seats.values():
            assert await seat.propose(registered(seat.id)) == seat.id
            assert seat.id in seat.controller.image.brokers
        image = await cluster.agreed()
        assert sorted(image.brokers) == [1, 2, 3]
        assert {seat.controller.leader for seat in cluster.up()} == {(await cluster.leader()).id}

    cluster.run(test())


def test_conflicts_between_nodes_are_decided_again(cluster):
    async def test():
        await cluster.leader()
        asked = [seat.propose(counted()) for _ in range(20) for seat in cluster.seats.values()]
        replies = [int(value) for value in await asyncio.gather(*asked)]
        assert sorted(replies) == list(range(1, 61))
        assert count(await cluster.agreed()) == 60

    cluster.run(test())


def test_a_decision_without_records_is_never_a_stale_one(cluster):
    async def test():
        leader = await cluster.leader()
        follower = await cluster.follower()
        await leader.propose(registered())
        for number in range(20):
            await leader.propose(counted())
            told = await follower.propose(lambda image: Result((), count(image)))
            assert told == number + 1
        await leader.propose(created("orders"))
        (refused,) = await follower.propose(created("orders"))
        assert refused.error is not None

    cluster.run(test())


def test_a_leader_that_is_lost_is_not_even_an_error(cluster):
    async def test():
        lives = 6
        told = 0
        for life in range(lives):
            leader = await cluster.leader()
            others = [seat for seat in cluster.up() if seat is not leader]
            asked = [seat.propose(counted()) for _ in range(5) for seat in others]
            await cluster.passed(0.0005 * life)
            leader.kill(power=life % 2 == 1)
            told += len(await asyncio.gather(*asked))
            leader.start()
        assert count(await cluster.agreed()) == told == 10 * lives

    cluster.run(test())


def test_doubled_commands_count_once(cluster):
    """The network gives every message twice, so that followers' proposals are taken in twice."""
    cluster.copies = lambda message: 2

    async def test():
        leader = await cluster.leader()
        before = leader.controller.driver.metrics().last
        follower = await cluster.follower()
        replies = [int(await follower.propose(counted())) for _ in range(15)]
        assert replies == list(range(1, 16))
        assert count(await cluster.agreed()) == 15
        assert leader.controller.driver.metrics().last >= before + 30, "each was in the log twice"

    cluster.run(test())


def test_without_a_majority_nothing_is_told_and_then_it_goes_on(cluster):
    async def test():
        survivor = await cluster.follower()
        await survivor.propose(registered())
        for seat in cluster.up():
            if seat is not survivor:
                seat.kill()
        with pytest.raises(NoQuorum, match="no majority of the metadata quorum answered within 2 s") as told:
            await survivor.propose(counted(), timeout_s=2.0)
        assert told.value.retriable
        with pytest.raises(NoQuorum):
            await survivor.do(survivor.controller.read(1.0))
        with pytest.raises(NoQuorum):  # Not even a refusal.
            await survivor.propose(lambda image: Result((), "stale"), timeout_s=1.0)
        waiting = survivor.propose(counted(), timeout_s=60.0)
        await cluster.passed(5.0)
        cluster.start()
        assert int(await waiting) == count(await cluster.agreed()) in (1, 2)

    cluster.run(test())


def test_who_is_behind_gets_a_snapshot():
    with Cluster(3, snapshot_every_entries=10, keep_entries=2) as cluster:
        cluster.start()

        async def test():
            behind = await cluster.follower()
            behind.kill()
            leader = await cluster.leader()
            for _ in range(40):
                await leader.propose(counted())
            behind.start()
            assert count(await behind.do(behind.controller.read())) == 40
            assert await behind.propose(counted()) == "41"
            assert behind.controller.driver.metrics().snapshots_installed == 1
            assert behind.controller.driver.metrics().first > 20
            for seat in cluster.up():
                seat.kill(power=True)
            cluster.start()
            assert count(await cluster.agreed()) == 41

        cluster.run(test())


def test_a_snapshot_over_a_proposal_leaves_it_unknown():
    with Cluster(3, snapshot_every_entries=10, keep_entries=2) as cluster:
        cluster.start()

        async def test():
            alone = await cluster.follower()
            sides = {seat.id: 0 if seat is alone else 1 for seat in cluster.up()}
            cluster.network.part(sides)
            waiting = alone.propose(counted(), timeout_s=60.0)
            other = next(seat for seat in cluster.up() if seat is not alone)
            for _ in range(40):
                await other.propose(counted("another"))
            cluster.network.part({})
            with pytest.raises(OutcomeUnknown, match="snapshot"):
                await waiting
            assert await alone.propose(counted()) == "1"

        cluster.run(test())


def test_what_is_too_large_is_one_asker_s_trouble(cluster):
    def large(image):
        return Result((ConfigRecord(4, "", "large", "x" * (9 << 20)),), None)

    async def test():
        leader = await cluster.leader()
        asked = [leader.propose(decide) for decide in (counted(), large, counted())]
        assert await asked[0] == "1"
        with pytest.raises(InvalidRequest, match="over the limit"):
            await asked[1]
        assert await asked[2] == "2"

    cluster.run(test())


def test_too_many_who_wait_are_refused(cluster, monkeypatch):
    monkeypatch.setattr(proposals, "ASKS_LIMIT", 3)

    async def test():
        leader = await cluster.leader()
        asked = [leader.propose(counted()) for _ in range(5)]
        outcomes = await asyncio.gather(*asked, return_exceptions=True)
        assert sum(isinstance(outcome, NotTaken) for outcome in outcomes) >= 1
        assert count(await cluster.agreed()) == sum(isinstance(outcome, str) for outcome in outcomes)

    cluster.run(test())
