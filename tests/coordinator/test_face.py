"""Both coordinators speak of their shards in the same words."""

from __future__ import annotations

import pytest

from cordwood.coordinator.face import Coordinator
from cordwood.coordinator.routing import java_hash
from cordwood.model.group_errors import CoordinatorNotAvailable
from cordwood.testing import Server


@pytest.mark.asyncio
@pytest.mark.parametrize(("part", "topic"), [("groups", "__consumer_offsets"), ("transactions", "__transaction_state")])
async def test_what_is_said_before_and_after_the_topic_is_made(part: str, topic: str) -> None:
    async with Server() as server:
        coordinator = getattr(server.node, part)
        assert isinstance(coordinator, Coordinator)
        assert coordinator.partition_count == 4, "so many there will be"
        assert list(coordinator.shards) == []
        with pytest.raises(CoordinatorNotAvailable, match=f"{topic} has no leader"):
            coordinator.leader_of("a name")
        await coordinator.ensure_topic()
        assert topic in server.node.image.topics
        assert coordinator.leader_of("a name") == 1
        assert coordinator.partition_for("a name") == (java_hash("a name") & 0x7FFF_FFFF) % 4
        assert [runner.partition.name for runner in coordinator.shards] == [(topic, index) for index in range(4)]
        await coordinator.ensure_topic()
