"""Transactional ids find their shard, take producers, and transactions end in every partition."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from cordwood.coordinator.settings import TRANSACTIONS_TOPIC
from cordwood.coordinator.transactions import TransactionCoordinator
from cordwood.model.group_errors import CoordinatorLoading, CoordinatorNotAvailable
from cordwood.model.ids import TopicPartition
from cordwood.testing import Server
from cordwood.txns.commands import AddPartitions, EndTransaction, InitProducerId
from cordwood.txns.listing import DescribeTransaction
from cordwood.txns.records import TransactionStored
from cordwood.txns.replies import Producer
from cordwood.txns.transitions import State
from tests.coordinator.test_groups import create

pytestmark = pytest.mark.asyncio

ID = "payments"


async def run(transactions: TransactionCoordinator, command: Any) -> Any:
    """The answer of a command, once the coordinator is ready for it; the test's own time limit ends the waiting."""
    while True:
        try:
            answer = transactions.run(command.transactional_id, command)
        except (CoordinatorLoading, CoordinatorNotAvailable):
            await asyncio.sleep(0)
            continue
        return await answer if isinstance(answer, asyncio.Future) else answer


async def ended(transactions: TransactionCoordinator) -> State:
    """The state of the id when the markers of its last transaction are written."""
    while True:
        found = transactions.ask(DescribeTransaction(ID))
        assert isinstance(found, TransactionStored)
        if not found.is_ending:
            return found.state
        await asyncio.sleep(0)


@pytest.mark.parametrize("client_version", [0, 2])
@pytest.mark.parametrize("committed", [True, False])
async def test_the_life_of_a_transaction(committed: bool, client_version: int) -> None:
    async with Server() as server:
        transactions = server.node.transactions
        await create(server.node, "orders")
        given = await run(transactions, InitProducerId(ID, 60_000))
        assert given == Producer(0, 0)
        name = TopicPartition("orders", 0)
        added = AddPartitions(
            ID, given.producer_id, given.producer_epoch, frozenset({name}), client_version=client_version
        )
        assert await run(transactions, added) is None
        ending = EndTransaction(ID, given.producer_id, given.producer_epoch, committed, client_version=client_version)
        await run(transactions, ending)
        assert await ended(transactions) is (State.COMPLETE_COMMIT if committed else State.COMPLETE_ABORT)
        partition = server.node.partitions.get(name)
        assert partition is not None
        assert partition.log.end_offset == partition.high_watermark == 1
        assert len(server.node.image.topics[TRANSACTIONS_TOPIC].partitions) == 4
