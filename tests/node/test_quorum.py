"""A node alone is a quorum of one, and an older data directory is taken over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cordwood.controller import Controller
from cordwood.env.disk import LocalDisk
from cordwood.model.consensus_errors import OutcomeUnknown
from cordwood.model.errors import DirectoryLocked, WrongCluster
from cordwood.node.node import Node
from tests.controller.journals import IMAGE, write_journal
from tests.node.test_node import node_of


@pytest.mark.asyncio
async def test_a_node_alone_leads(tmp_path: Path) -> None:
    node = node_of(tmp_path, node_id="0")
    await node.start()
    assert node.controller.leader == 0
    assert sorted(node.image.brokers) == [0]
    await node.stop()
    assert sorted(path.name for path in (tmp_path / "__cluster_metadata").iterdir()) == [
        "log",
        "node.meta",
        "snapshots",
    ]


@pytest.mark.asyncio
async def test_the_journal_of_an_older_release_is_taken_over(tmp_path: Path) -> None:
    write_journal(LocalDisk(), f"{tmp_path}/__cluster_metadata-0")
    for _ in range(2):
        node = node_of(tmp_path)
        await node.start()
        assert [len(topic.partitions) for topic in node.image.topics.values()] == [2]
        assert node.image.topics.keys() == IMAGE.topics.keys()
        assert node.image.configs == IMAGE.configs
        assert node.image.cluster_id == IMAGE.cluster_id
        await node.stop()
    assert (tmp_path / "__cluster_metadata-0.taken-over").is_dir()
    assert not (tmp_path / "__cluster_metadata-0").exists()


@pytest.mark.asyncio
async def test_a_directory_of_another_cluster_is_refused(tmp_path: Path) -> None:
    node = node_of(tmp_path, cluster_id="mine")
    await node.start()
    with pytest.raises(DirectoryLocked):
        await node_of(tmp_path, cluster_id="mine").start()
    await node.stop()
    with pytest.raises(WrongCluster):
        await node_of(tmp_path, cluster_id="other").start()
    again: Node = node_of(tmp_path)
    await again.start()
    assert again.image.cluster_id == "mine"
    await again.stop()


@pytest.mark.asyncio
async def test_a_registration_whose_outcome_is_not_known_is_made_again(tmp_path: Path, monkeypatch) -> None:
    propose, unknown = Controller.propose, [OutcomeUnknown("a snapshot came over it"), OutcomeUnknown("and another")]

    async def lose(self: Controller, *args: Any) -> Any:
        reply = await propose(self, *args)
        if unknown:
            raise unknown.pop()
        return reply

    monkeypatch.setattr(Controller, "propose", lose)
    node = node_of(tmp_path)
    await node.start()
    assert not unknown
    assert sorted(node.image.brokers) == [1]
    await node.stop()
