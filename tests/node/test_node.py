"""A node starts in order, comes back after a clean and an unclean end, and leaves nothing locked."""

from __future__ import annotations

from pathlib import Path

import pytest

from cordwood.env.background import Background, Threads
from cordwood.env.clock import Clock
from cordwood.log.flusher import Flusher
from cordwood.log.register import REGISTER_NAME
from cordwood.metadata import topics
from cordwood.metadata.topics import NewTopic
from cordwood.model.errors import DirectoryLocked
from cordwood.model.ids import TopicId
from cordwood.node.configuration import load
from cordwood.node.node import Node, World


def node_of(directory: Path, **settings: str) -> Node:
    flags = {"log.dirs": str(directory), "listeners": "127.0.0.1:0"}
    return Node(load(flags=flags, sets=[f"{key.replace('_', '.')}={value}" for key, value in settings.items()]))


@pytest.mark.asyncio
async def test_the_cluster_id_is_made_once(tmp_path: Path) -> None:
    ids = set()
    for _ in range(3):
        node = node_of(tmp_path)
        await node.start()
        assert node.ready
        ids.add(node.image.cluster_id)
        await node.stop()
        assert not node.ready
    assert len(ids) == 1


@pytest.mark.asyncio
async def test_a_start_that_fails_releases_what_it_took(tmp_path: Path) -> None:
    first = node_of(tmp_path)
    await first.start()
    (host, port) = first.bound[0]
    with pytest.raises(DirectoryLocked):
        await node_of(tmp_path).start()
    other = Node(load(flags={"log.dirs": str(tmp_path / "other"), "listeners": f"{host}:{port}"}))
    with pytest.raises(OSError, match="in use"):
        await other.start()
    again = node_of(tmp_path / "other")
    await again.start()
    await again.stop()
    await first.stop()


@pytest.mark.asyncio
async def test_advertised_addresses(tmp_path: Path) -> None:
    node = node_of(tmp_path, advertised_listeners="example.test:1234")
    await node.start()
    assert [(endpoint.host, endpoint.port) for endpoint in node.addresses] == [("example.test", 1234)]
    await node.stop()


@pytest.mark.asyncio
async def test_without_an_advertised_address_the_bound_one_is_told(tmp_path: Path) -> None:
    node = node_of(tmp_path)
    await node.start()
    assert [(endpoint.host, endpoint.port) for endpoint in node.addresses] == node.bound
    await node.stop()


@pytest.mark.asyncio
async def test_the_start_tells_how_far_it_came(tmp_path: Path) -> None:
    node = node_of(tmp_path, num_partitions="7")
    await node.start()
    wanted = [NewTopic(name="t")]
    await node.controller.propose(
        lambda image: topics.create(
            image, wanted, new_id=lambda: TopicId(b"\x07" * 16), defaults=node.config.topic_defaults
        )
    )
    for partition in node.held_partitions:
        partition.log.append(b"x")
    await node.stop()
    (tmp_path / REGISTER_NAME).unlink()
    again = node_of(tmp_path)
    await again.start()
    assert again.starting == "opened 7 of 7 logs"
    await again.stop()


@pytest.mark.asyncio
async def test_what_work_runs_in_is_taken_from_its_world(tmp_path: Path) -> None:
    sizes: list[int] = []
    flushers: list[Flusher] = []

    def new_background(size: int) -> Background:
        sizes.append(size)
        return Threads(size)

    def new_flusher(background: Background, clock: Clock) -> Flusher:
        flushers.append(Flusher(background, clock))
        return flushers[-1]

    config = load(flags={"log.dirs": str(tmp_path), "listeners": "127.0.0.1:0"}, sets=["background.threads=3"])
    node = Node(config, World(new_background=new_background, new_flusher=new_flusher))
    await node.start()
    await node.stop()
    assert sizes == [3]
    assert [flusher.background for flusher in flushers] == [node.context.background]
