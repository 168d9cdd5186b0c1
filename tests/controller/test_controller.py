"""What is proposed takes effect once, is on the disk before anyone sees it, and is shown where it was answered."""

from __future__ import annotations

import asyncio

import pytest

from cordwood.metadata import Result, brokers
from cordwood.metadata.records import UnregisterBroker
from cordwood.model.consensus_errors import GroupStopped
from cordwood.model.errors import DiskFull, InvalidMetadata, InvalidRequest, StorageFailed
from cordwood.model.ids import BrokerId
from cordwood.model.quorum_errors import BrokerNotRegistered
from tests.controller.cluster import Cluster, created, registered


@pytest.fixture
def cluster():
    with Cluster() as cluster:
        cluster.start()
        yield cluster


def run(cluster, test):
    """Runs a test of one node."""
    seat = cluster.seats[1]
    return cluster.run(test(seat, seat.controller))


def test_a_proposal_takes_effect_and_lasts(cluster):
    async def test(seat, controller):
        assert await seat.propose(registered()) == 1
        (reply,) = await seat.propose(created("orders"))
        assert reply.topic == controller.image.topic("orders")
        image = controller.image
        seat.kill(power=True)
        seat.start()
        assert await seat.do(seat.controller.read()) == image
        assert seat.controller.image == image

    run(cluster, test)


def test_who_asks_at_the_same_time_shares_a_command(cluster):
    async def test(seat, controller):
        await seat.propose(registered())
        before = controller.driver.metrics()
        asked = [seat.propose(created("orders", f"other-{index}")) for index in range(10)]
        replies = await asyncio.gather(*asked)
        assert sum(reply[0].error is None for reply in replies) == 1
        assert all(reply[1].error is None for reply in replies)
        assert len(controller.image.topics) == 11
        assert controller.driver.metrics().last == before.last + 1

    run(cluster, test)


def test_nothing_is_written_where_nothing_is_decided(cluster):
    async def test(seat, controller):
        await seat.propose(registered())
        image, last = controller.image, controller.driver.metrics().last
        assert await seat.propose(lambda image: Result((), "reply")) == "reply"
        assert controller.image is image
        assert controller.driver.metrics().last == last

    run(cluster, test)


def test_a_refusal_leaves_the_way_free(cluster):
    async def test(seat, controller):
        with pytest.raises(BrokerNotRegistered):
            await seat.propose(lambda image: brokers.unregister(image, BrokerId(9)))
        assert await seat.propose(registered()) == 1

    run(cluster, test)


def test_records_that_do_not_fit_are_not_written(cluster):
    async def test(seat, controller):
        await controller.read()
        last = controller.driver.metrics().last
        with pytest.raises(InvalidMetadata):
            await seat.propose(lambda image: Result((UnregisterBroker(9),), None))
        assert controller.driver.metrics().last == last
        assert await seat.propose(registered()) == 1

    run(cluster, test)


def test_subscribers_follow_before_the_image_is_shown(cluster):
    async def test(seat, controller):
        seen = []

        async def follow(transition):
            await cluster.passed(0.01)
            seen.append((transition, controller.image is transition.before))

        controller.subscribe(follow)
        await seat.propose(registered())
        await seat.propose(created("orders"))
        assert all(unseen for _, unseen in seen)
        assert seen[-1][0].after is controller.image
        assert "orders" in controller.image.topics

    run(cluster, test)


def test_a_subscriber_that_fails_stops_no_change(cluster):
    async def test(seat, controller):
        async def fail(transition):
            raise StorageFailed("/data/orders-0", "mkdir", OSError("broken"))

        controller.subscribe(fail)
        with pytest.raises(StorageFailed, match="mkdir"):
            await seat.propose(registered())
        assert 1 in controller.image.brokers
        assert controller.failure is None

    run(cluster, test)


def test_the_timeout_is_not_for_subscribers(cluster):
    async def test(seat, controller):
        controller.subscribe(lambda transition: cluster.passed(60.0))
        assert await seat.propose(registered(), timeout_s=2.0) == 1
        assert cluster.loop.time() > 60.0

    run(cluster, test)


def test_a_proposal_goes_on_without_its_caller(cluster):
    async def test(seat, controller):
        await seat.propose(registered())
        proposal = seat.propose(created("orders"))
        await asyncio.sleep(0)
        proposal.cancel()
        with pytest.raises(asyncio.CancelledError):
            await proposal
        (reply,) = await seat.propose(created("orders"))
        assert reply.error is not None
        assert "orders" in controller.image.topics

    run(cluster, test)


def test_a_disk_that_fails_ends_the_writing(cluster, monkeypatch):
    async def test(seat, controller):
        await seat.propose(registered())
        image = controller.image

        def fail(file):
            raise StorageFailed(file.path, "fdatasync", OSError("broken"))

        monkeypatch.setattr(type(seat.disk.open("/data/x", create=True)), "datasync", fail)
        assert controller.failure is None
        with pytest.raises(StorageFailed, match="broken"):
            await seat.propose(created("orders"))
        assert controller.image is image
        assert controller.failure is not None
        with pytest.raises(StorageFailed, match="broken"):
            await seat.propose(created("others"))
        with pytest.raises(StorageFailed, match="broken"):
            await controller.read()

    run(cluster, test)


def test_on_a_full_disk_nothing_is_tried(cluster, monkeypatch):
    async def test(seat, controller):
        await seat.propose(registered())
        with monkeypatch.context() as full:
            full.setattr(type(seat.disk), "free_bytes", lambda disk, path: 10_000)
            with pytest.raises(DiskFull):
                await seat.propose(created("orders"))
        assert controller.failure is None
        (reply,) = await seat.propose(created("orders"))
        assert reply.error is None

    run(cluster, test)


def test_producer_ids_are_given_once_even_over_a_crash(cluster):
    async def test(seat, controller):
        await seat.propose(registered())
        asked = [seat.do(controller.new_producer_id(BrokerId(1))) for _ in range(1001)]
        assert sorted(await asyncio.gather(*asked)) == list(range(1001))
        seat.kill(power=True)
        seat.start()
        assert await seat.do(seat.controller.new_producer_id(BrokerId(1))) == 2000

    run(cluster, test)


def test_strangers_get_no_producer_ids(cluster):
    async def test(seat, controller):
        with pytest.raises(InvalidRequest):
            await seat.do(controller.new_producer_id(BrokerId(1)))

    run(cluster, test)


def test_whoever_waits_is_told_that_it_was_closed(cluster):
    async def test(seat, controller):
        await seat.propose(registered())
        never = asyncio.get_running_loop().create_future()

        async def follow(transition):
            await never

        controller.subscribe(follow)
        first = seat.propose(created("orders"))
        await cluster.until(lambda: controller.driver.metrics().applied > controller.image.revision)
        second, reader = seat.propose(created("others")), seat.do(controller.read())
        await asyncio.sleep(0)
        seat.close()
        for waiting in (first, second, reader):
            with pytest.raises(GroupStopped, match="closed"):
                await waiting
        with pytest.raises(GroupStopped, match="closed"):
            await controller.propose(created("orders"))

    run(cluster, test)


def test_node_0_is_a_member_like_any_other():
    with Cluster(first=0) as cluster:
        cluster.start()

        async def test():
            seat = cluster.seats[0]
            assert await seat.propose(registered(0)) == 1
            assert seat.controller.leader == 0

        cluster.run(test())
