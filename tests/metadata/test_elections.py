"""Who is elected, in every state that a partition can be in."""

from __future__ import annotations

import pytest

from cordwood.metadata.elections import Election, elect
from cordwood.metadata.image import Image
from cordwood.metadata.records import PartitionChange, PartitionRecord, TopicRecord
from cordwood.metadata.replay import replay_all
from cordwood.model.admin_errors import ElectionNotNeeded, EligibleLeadersNotAvailable, PreferredLeaderNotAvailable
from cordwood.model.errors import InvalidRequest, UnknownTopic
from cordwood.model.ids import TopicPartition
from tests.metadata.cluster_of import cluster_of, id_of

NAME = TopicPartition("orders", 0)
REPLICAS = (1, 2, 3)
PREFERRED, UNCLEAN = Election.PREFERRED, Election.UNCLEAN


def led_by(leader: int, isr: tuple[int, ...], brokers: tuple[int, ...] = REPLICAS) -> Image:
    """A partition of three replicas with this leader, in a cluster of these brokers."""
    made = [TopicRecord("orders", id_of(7)), PartitionRecord(id_of(7), 0, REPLICAS)]
    return replay_all(cluster_of(*brokers), [*made, PartitionChange(id_of(7), 0, leader, 5, isr)])


@pytest.mark.parametrize(
    ("image", "kind", "leader", "isr"),
    [
        (led_by(2, (1, 2)), PREFERRED, 1, (1, 2)),
        (led_by(-1, (1,)), PREFERRED, 1, (1,)),
        (led_by(-1, (2, 3)), UNCLEAN, 2, (2, 3)),
        (led_by(-1, (2, 3), (1, 3)), UNCLEAN, 3, (2, 3)),
        (led_by(-1, (2,), (1, 3)), UNCLEAN, 1, (1,)),
        (led_by(-1, ()), UNCLEAN, 1, (1,)),
    ],
)
def test_who_is_elected(image: Image, kind: Election, leader: int, isr: tuple[int, ...]):
    result = elect(image, [NAME], kind)
    assert [(item.partition, item.error) for item in result.reply] == [(NAME, None)]
    partition = replay_all(image, result.records).partition("orders", 0)
    assert (partition.leader, partition.isr, partition.leader_epoch) == (leader, isr, 6)
    assert [item.partition for item in elect(image, None, kind).reply] == [NAME]


@pytest.mark.parametrize(
    ("image", "kind", "error"),
    [
        (led_by(1, REPLICAS), PREFERRED, ElectionNotNeeded),
        (led_by(2, (2, 3)), PREFERRED, PreferredLeaderNotAvailable),
        (led_by(2, (1, 2), (2, 3)), PREFERRED, PreferredLeaderNotAvailable),
        (led_by(-1, (2,)), PREFERRED, PreferredLeaderNotAvailable),
        (led_by(1, REPLICAS), UNCLEAN, ElectionNotNeeded),
        (led_by(2, (2,)), UNCLEAN, ElectionNotNeeded),
        (led_by(-1, (2,), (4,)), UNCLEAN, EligibleLeadersNotAvailable),
    ],
)
def test_who_is_not(image: Image, kind: Election, error: type[Exception]):
    result = elect(image, [NAME], kind)
    assert [type(item.error) for item in result.reply] == [error]
    assert result.records == ()
    told = [type(item.error) for item in elect(image, None, kind).reply]
    assert told == ([] if error is ElectionNotNeeded else [error]), "of all partitions those are told that needed it"


def test_partitions_that_there_are_not():
    wanted = [TopicPartition("orders", 1), TopicPartition("orders", -1), TopicPartition("nowhere", 0)]
    assert [type(item.error) for item in elect(led_by(1, (1,)), wanted, PREFERRED).reply] == [UnknownTopic] * 3


def test_a_partition_named_twice_is_elected_once():
    image = led_by(2, (1, 2))
    result = elect(image, [NAME, NAME], PREFERRED)
    assert [item.error for item in result.reply] == [None, None]
    assert replay_all(image, result.records).partition("orders", 0).leader_epoch == 6


@pytest.mark.parametrize("kind", [-1, 2])
def test_kinds_of_elections_that_there_are_not(kind: int):
    with pytest.raises(InvalidRequest, match=f"type {kind}"):
        elect(led_by(1, (1,)), [NAME], kind)
