"""Names find their shard as Kafka's do, and shards follow who leads."""

from __future__ import annotations

from typing import Any

import pytest

from cordwood.coordinator.routing import InternalTopics, Shards, java_hash
from cordwood.coordinator.settings import OFFSETS_TOPIC, CoordinatorSettings
from cordwood.coordinator.shard_runner import State
from cordwood.env.dice import SeededDice
from cordwood.groups.shard import Shard
from cordwood.metadata import EMPTY, Image, replay_all
from cordwood.metadata.records import PartitionChange, PartitionRecord, TopicRecord
from cordwood.model.group_errors import CoordinatorNotAvailable, NotCoordinator
from cordwood.model.ids import BrokerId, LeaderEpoch, TopicId
from tests.coordinator.rig import NAME, Rig, commit

TOPIC_ID = TopicId(b"offsets".ljust(16, b"."))


@pytest.mark.parametrize(
    ("text", "expected"), [("", 0), ("a", 97), ("group", 98629247), ("\U0001f600", 31 * 0xD83D + 0xDE00)]
)
def test_the_hash_is_javas(text, expected):
    assert java_hash(text) == expected


def test_the_hash_has_32_bits():
    assert java_hash("console-consumer-12345") == sum(
        ord(letter) * 31**power for power, letter in enumerate(reversed("console-consumer-12345"))
    ) % (1 << 32)


class Bench:
    """The shards of a topic of two partitions, the first of which is a rig's."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        self.image: Image = replay_all(
            EMPTY, [TopicRecord(OFFSETS_TOPIC, TOPIC_ID), *(PartitionRecord(TOPIC_ID, index, (1,)) for index in (0, 1))]
        )
        metadata: Any = self
        self.shards: Shards[Shard] = Shards(
            OFFSETS_TOPIC,
            rig.kind,
            internal_topics=InternalTopics(metadata, SeededDice(1), CoordinatorSettings().internal_topics),
            partitions=self,
            broker_id=BrokerId(1),
            around=rig.around,
        )

    def get(self, name: tuple[str, int]) -> Any:
        return self._rig.partition if name == NAME else None

    def led_by(self, broker: int, leader_epoch: int) -> None:
        """The first partition has this leader from now on."""
        self.image = replay_all(self.image, [PartitionChange(TOPIC_ID, 0, broker, leader_epoch, (broker,))])
        if broker == 1:
            self._rig.partition.lead(LeaderEpoch(leader_epoch))
        self.shards.lead(self.image)


@pytest.mark.asyncio
async def test_a_shard_goes_with_the_leadership_and_is_loaded_when_it_comes_back() -> None:
    rig = await Rig().started()
    rig.runner.close()
    bench = Bench(rig)
    bench.shards.lead(bench.image)
    first = bench.shards.at(0)
    await rig.settle()
    assert first.state is State.ACTIVE
    bench.shards.lead(bench.image)
    assert bench.shards.all == [first]
    bench.led_by(2, 1)
    assert bench.shards.all == []
    with pytest.raises(NotCoordinator):
        first.run(commit("g", 5))
    with pytest.raises(NotCoordinator):
        bench.shards.at(0)
    bench.led_by(1, 2)
    assert bench.shards.at(0).state is State.LOADING


@pytest.mark.asyncio
async def test_a_later_epoch_of_the_same_leader_is_another_life() -> None:
    rig = await Rig().started()
    bench = Bench(rig)
    bench.shards.lead(bench.image)
    first = bench.shards.at(0)
    bench.led_by(1, 3)
    assert first.state is State.CLOSED
    assert bench.shards.at(0).leader_epoch == 3


@pytest.mark.asyncio
async def test_who_is_asked_in_vain_is_told_why() -> None:
    rig = Rig()
    bench = Bench(rig)
    bench.shards.lead(bench.image)
    of_first, of_second = (
        next(name for name in "abcd" if bench.shards.partition_for(name) == index) for index in (0, 1)
    )
    with pytest.raises(CoordinatorNotAvailable, match="cannot be opened"):
        bench.shards.runner(of_second)
    bench.led_by(2, 1)
    with pytest.raises(NotCoordinator):
        bench.shards.runner(of_first)
    assert bench.shards.leader_of(of_first) == 2
    bench.led_by(-1, 2)
    with pytest.raises(CoordinatorNotAvailable, match="has no leader"):
        bench.shards.runner(of_first)
    await bench.shards.close()
    with pytest.raises(NotCoordinator):
        bench.shards.runner(of_first)
