"""Producer ids are given once."""

from __future__ import annotations

import pytest

from cordwood.metadata.producers import PRODUCER_ID_BLOCK_SIZE, ProducerIds, allocate
from cordwood.model.errors import InvalidRequest
from cordwood.model.ids import BrokerId
from tests.metadata.cluster_of import after, cluster_of


def test_blocks_follow_each_other():
    image = cluster_of(1, 2)
    first = allocate(image, BrokerId(1))
    image = after(image, first)
    second = allocate(image, BrokerId(2))
    assert (first.reply.first, first.reply.count) == (0, PRODUCER_ID_BLOCK_SIZE)
    assert second.reply.first == PRODUCER_ID_BLOCK_SIZE
    assert after(image, second).next_producer_id == 2 * PRODUCER_ID_BLOCK_SIZE


def test_strangers_get_none():
    with pytest.raises(InvalidRequest):
        allocate(cluster_of(1), BrokerId(2))


def test_a_broker_takes_its_ids_one_by_one():
    image = cluster_of(1)
    ids = ProducerIds()
    assert ids.take() is None
    ids.refill(allocate(image, BrokerId(1)).reply)
    taken = [ids.take() for _ in range(PRODUCER_ID_BLOCK_SIZE)]
    assert taken == list(range(PRODUCER_ID_BLOCK_SIZE))
    assert ids.take() is None
