"""Groups find their shard, the internal topic is made once, and shards follow the metadata."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from cordwood.coordinator.groups import GroupCoordinator
from cordwood.coordinator.settings import OFFSETS_TOPIC
from cordwood.groups.listing import DescribeClassic, ListGroups
from cordwood.groups.offsets.commands import Commit, CommitOffset, FetchOffsets
from cordwood.groups.offsets.replies import OffsetsCommitted
from cordwood.metadata import topics
from cordwood.model.errors import InvalidReplicationFactor
from cordwood.model.group_errors import CoordinatorLoading, CoordinatorNotAvailable, GroupNotFound, NotCoordinator
from cordwood.node.node import Node
from cordwood.testing import Server
from tests.coordinator.rig import commit

DONE = OffsetsCommitted((None,))


async def create(node: Node, *names: str) -> None:
    """Makes topics of one partition."""
    await node.controller.propose(
        lambda image: topics.create(
            image,
            [topics.NewTopic(name, 1, 1) for name in names],
            new_id=lambda: topics.new_topic_id(node.context.dice.token),
            defaults=topics.TopicDefaults(),
        )
    )


async def run(groups: GroupCoordinator, command: Any) -> Any:
    """The answer of a command, once the coordinator is ready for it; the test's own time limit ends the waiting."""
    while True:
        try:
            answer = groups.run(command.group, command)
        except (CoordinatorLoading, CoordinatorNotAvailable):
            await asyncio.sleep(0)
            continue
        return await answer if isinstance(answer, asyncio.Future) else answer


async def offsets(groups: GroupCoordinator, group: str) -> dict[str, int]:
    """The committed offsets of a group by topic."""
    return {at.topic: at.offset for at in (await run(groups, FetchOffsets(group))).offsets}


@pytest.mark.asyncio
async def test_the_topic_is_made_once_when_it_is_first_needed() -> None:
    async with Server() as server:
        groups = server.node.groups
        assert OFFSETS_TOPIC not in server.node.image.topics
        assert groups.partition_count == 4
        with pytest.raises(CoordinatorNotAvailable):
            groups.leader_of("g")
        await asyncio.gather(*(groups.ensure_topic() for _ in range(3)))
        topic = server.node.image.topics[OFFSETS_TOPIC]
        await groups.ensure_topic()
        assert server.node.image.topics[OFFSETS_TOPIC] is topic
        assert len(topic.partitions) == 4
        assert topic.replication_factor == 1
        assert dict(server.node.image.topic_configs(OFFSETS_TOPIC)) == {
            "cleanup.policy": "compact",
            "compression.type": "producer",
            "segment.bytes": "104857600",
        }
        assert groups.leader_of("g") == 1


@pytest.mark.asyncio
async def test_a_command_makes_the_topic_too() -> None:
    async with Server() as server:
        with pytest.raises(CoordinatorNotAvailable):
            server.node.groups.run("g", commit("g", 5))
        assert await run(server.node.groups, commit("g", 5)) == DONE


@pytest.mark.asyncio
async def test_a_topic_that_cannot_be_made_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    async with Server() as server:

        async def refuse(decide: object) -> None:
            raise InvalidReplicationFactor("not today")

        monkeypatch.setattr(server.node.controller, "propose", refuse)
        with pytest.raises(CoordinatorNotAvailable, match="not today"):
            await server.node.groups.ensure_topic()


@pytest.mark.asyncio
async def test_every_group_has_a_shard() -> None:
    async with Server() as server:
        groups = server.node.groups
        await create(server.node, "orders")
        names = [f"group-{number}" for number in range(20)]
        for number, name in enumerate(names):
            assert await run(groups, commit(name, number)) == DONE
        assert len({groups.partition_for(name) for name in names}) == 4
        assert sorted(listing.group for listing in groups.list_groups(ListGroups())) == sorted(names)
        assert groups.ask(DescribeClassic("group-3")).state == "Empty"
        with pytest.raises(GroupNotFound):
            groups.ask(DescribeClassic("nobody"))


@pytest.mark.asyncio
async def test_offsets_survive_a_restart(tmp_path: Path) -> None:
    async with Server(str(tmp_path)) as server:
        await create(server.node, "orders", "payments")
        await run(server.node.groups, Commit("g", (CommitOffset("orders", 0, 5), CommitOffset("payments", 0, 6))))
    async with Server(str(tmp_path)) as server:
        assert await offsets(server.node.groups, "g") == {"orders": 5, "payments": 6}


@pytest.mark.asyncio
async def test_offsets_go_with_their_topic() -> None:
    async with Server() as server:
        await create(server.node, "orders", "payments")
        await run(server.node.groups, Commit("g", (CommitOffset("orders", 0, 5), CommitOffset("payments", 0, 6))))
        await server.node.controller.propose(
            lambda image: topics.delete(image, [topics.Doomed("orders")], enabled=True)
        )
        assert await offsets(server.node.groups, "g") == {"payments": 6}


@pytest.mark.asyncio
async def test_shards_go_and_come_with_the_internal_topic() -> None:
    async with Server() as server:
        await create(server.node, "orders")
        groups = server.node.groups
        await run(groups, commit("g", 5))
        before = groups.shards
        await server.node.controller.propose(
            lambda image: topics.delete(image, [topics.Doomed(OFFSETS_TOPIC)], enabled=True)
        )
        assert groups.shards == []
        with pytest.raises(NotCoordinator):
            before[0].run(commit("g", 5))
        assert await offsets(groups, "g") == {}
        assert len(groups.shards) == 4


@pytest.mark.asyncio
async def test_nobody_is_coordinated_after_the_end() -> None:
    async with Server() as server:
        groups = server.node.groups
        await run(groups, commit("g", 5))
        await groups.close()
        with pytest.raises(NotCoordinator):
            groups.run("g", commit("g", 5))


@pytest.mark.asyncio
async def test_a_report_tells_how_the_shards_are() -> None:
    async with Server() as server:
        await create(server.node, "orders")
        await run(server.node.groups, commit("g", 0))
        for number in range(20):  # Enough names for each shard to have been asked.
            await run(server.node.groups, FetchOffsets(f"group-{number}"))
        report = await server.node.groups.report()
        assert (report.health.shards, report.health.not_ready, report.counts.commits) == (4, 0, 1)
        assert [group.group for group in report.groups] == ["g"]
