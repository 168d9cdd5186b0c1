"""Proposals take turns, and what they decide is on the disk before anyone sees it."""

from __future__ import annotations

import asyncio

import pytest

from cordwood.env.memory_disk import MemoryFile
from cordwood.metadata import EMPTY, Result, brokers, replay_all, topics
from cordwood.metadata.records import ProducerIdsRecord, UnregisterBroker
from cordwood.metadata.topics import NewTopic, TopicDefaults
from cordwood.model.errors import InvalidMetadata, InvalidRequest, StorageFailed, WrongCluster
from cordwood.model.ids import BrokerId
from tests.controller.node_of import STORE, World, disk_with
from tests.metadata.cluster_of import ids, registration

NEW_ID = ids()


@pytest.fixture
def world():
    with World() as world:
        yield world


@pytest.fixture
def controller(world):
    controller = world.controller()
    yield controller
    controller.close()


def created(*names):
    wanted = [NewTopic(name) for name in names]
    return lambda image: topics.create(image, wanted, new_id=NEW_ID, defaults=TopicDefaults())


async def register(controller, number=1):
    return await controller.propose(lambda image: brokers.register(image, registration(number)))


def test_a_cluster_is_founded_at_the_first_start(world):
    controller = world.controller(seed=1)
    cluster_id = controller.image.cluster_id
    assert len(cluster_id) == 22
    controller.close()
    again = world.controller(seed=2)
    assert again.image.cluster_id == cluster_id
    again.close()


def test_a_cluster_may_be_given_its_id(world):
    controller = world.controller(cluster_id="mine")
    assert controller.image.cluster_id == "mine"
    controller.close()
    with pytest.raises(WrongCluster):
        world.controller(cluster_id="other")
    controller = world.controller()  # Its directory is not locked by the failed one.
    assert controller.image.cluster_id == "mine"
    controller.close()


@pytest.mark.asyncio
async def test_a_proposal_takes_effect_and_lasts(world, controller):
    assert await register(controller) == 1
    (reply,) = await controller.propose(created("orders"))
    assert reply.topic == controller.image.topic("orders")
    image = controller.image
    with World(disk_with(world.stored())) as restarted:
        again = restarted.controller()
        assert again.image == image
        again.close()


@pytest.mark.asyncio
async def test_proposals_take_turns(controller):
    await register(controller)
    replies = await asyncio.gather(*(controller.propose(created("orders", f"other-{index}")) for index in range(10)))
    assert sum(reply[0].error is None for reply in replies) == 1
    assert all(reply[1].error is None for reply in replies)
    assert len(controller.image.topics) == 11


@pytest.mark.asyncio
async def test_nothing_is_written_where_nothing_is_decided(world, controller):
    before = world.disk.open(STORE).size()
    image = controller.image
    assert await controller.propose(lambda image: Result((), "reply")) == "reply"
    assert controller.image is image
    assert world.disk.open(STORE).size() == before


@pytest.mark.asyncio
async def test_a_refusal_leaves_the_way_free(controller):
    with pytest.raises(InvalidRequest):
        await controller.propose(lambda image: brokers.unregister(image, BrokerId(9)))
    await register(controller)


@pytest.mark.asyncio
async def test_records_that_do_not_fit_are_not_written(world, controller):
    before = world.disk.open(STORE).size()
    with pytest.raises(InvalidMetadata):
        await controller.propose(lambda image: Result((UnregisterBroker(9),), None))
    assert world.disk.open(STORE).size() == before
    await register(controller)


@pytest.mark.asyncio
async def test_subscribers_follow_before_the_image_is_shown(controller):
    seen = []

    async def follow(transition):
        await asyncio.sleep(0)
        seen.append((transition.records, controller.image is transition.before))
        assert replay_all(transition.before, transition.records) == transition.after

    controller.subscribe(follow)
    await register(controller)
    await controller.propose(created("orders"))
    assert [len(records) for records, _ in seen] == [1, 2]
    assert all(unseen for _, unseen in seen)
    assert "orders" in controller.image.topics


@pytest.mark.asyncio
async def test_a_subscriber_that_fails_stops_no_change(controller):
    async def fail(transition):
        raise StorageFailed("/data/orders-0", "mkdir", OSError("broken"))

    controller.subscribe(fail)
    with pytest.raises(StorageFailed, match="mkdir"):
        await register(controller)
    assert 1 in controller.image.brokers


@pytest.mark.asyncio
async def test_a_proposal_goes_on_without_its_caller(controller):
    await register(controller)
    proposal = asyncio.ensure_future(controller.propose(created("orders")))
    await asyncio.sleep(0)
    proposal.cancel()
    with pytest.raises(asyncio.CancelledError):
        await proposal
    (reply,) = await controller.propose(created("orders"))
    assert reply.error is not None
    assert "orders" in controller.image.topics


@pytest.mark.asyncio
async def test_a_disk_that_fails_ends_the_writing(world, controller, monkeypatch):
    await register(controller)
    image = controller.image

    def fail(file):
        raise StorageFailed(file.path, "fdatasync", OSError("broken"))

    monkeypatch.setattr(MemoryFile, "datasync", fail)
    assert controller.failure is None
    with pytest.raises(StorageFailed):
        await controller.propose(created("orders"))
    assert controller.image is image
    assert controller.failure is not None
    with pytest.raises(StorageFailed):
        await controller.propose(created("others"))


@pytest.mark.asyncio
async def test_producer_ids_are_given_once_even_over_a_crash(world, controller):
    await register(controller)
    taken = await asyncio.gather(*(controller.new_producer_id(BrokerId(1)) for _ in range(1001)))
    assert sorted(taken) == list(range(1001))
    with World(disk_with(world.stored())) as restarted:
        again = restarted.controller()
        assert await again.new_producer_id(BrokerId(1)) == 2000
        again.close()


@pytest.mark.asyncio
async def test_strangers_get_no_producer_ids(controller):
    with pytest.raises(InvalidRequest):
        await controller.new_producer_id(BrokerId(1))


def test_a_journal_that_contradicts_itself_stops_the_start(world):
    journal = world.journal()
    journal.write([ProducerIdsRecord(1, 1000)])
    journal.write([ProducerIdsRecord(1, 1000)])
    journal.close()
    with pytest.raises(InvalidMetadata, match="contradicts"):
        world.controller()


def test_an_image_begins_empty(world):
    assert replay_all(EMPTY, world.journal().read()) == EMPTY
