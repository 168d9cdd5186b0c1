"""Transactional ids find their shard, take producers, and what a transaction did ends everywhere or nowhere."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Sequence
from typing import Any

import pytest

from cordwood.coordinator.marker_routes import Outcomes, Sent
from cordwood.coordinator.settings import TRANSACTIONS_TOPIC
from cordwood.coordinator.stored.transactions import encode
from cordwood.coordinator.transaction_marker import TransactionMarker
from cordwood.coordinator.transactions import TransactionCoordinator
from cordwood.log.config import LogConfig
from cordwood.model.errors import (
    InvalidProducerEpoch,
    RecordTooLarge,
    StorageFailed,
    TransactionCoordinatorFenced,
)
from cordwood.model.group_errors import CoordinatorLoading, CoordinatorNotAvailable, NotCoordinator
from cordwood.model.ids import BrokerId, TopicPartition
from cordwood.model.peer_errors import PeerUnavailable
from cordwood.model.transaction_errors import ConcurrentTransactions, ProducerFenced, TransactionalIdNotFound
from cordwood.records.record import Record
from cordwood.sim.faults import Fault, Operation
from cordwood.testing import Server
from cordwood.txns.commands import AddPartitions, EndTransaction, InitProducerId
from cordwood.txns.listing import DescribeTransaction, ListTransactions
from cordwood.txns.outcome import timeout_key
from cordwood.txns.records import TransactionStored
from cordwood.txns.replies import Producer
from cordwood.txns.transitions import State
from tests.coordinator.test_groups import create
from tests.coordinator.transaction_rig import ID, OFFSETS, ORDERS, STATE, Rig, led_by, without

pytestmark = pytest.mark.asyncio

EIO = StorageFailed("/sim", "write", OSError(errno.EIO, "gone"))


# On a broker.


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


async def test_the_topic_is_made_when_it_is_first_needed() -> None:
    async with Server() as server:
        transactions = server.node.transactions
        assert transactions.partition_count == 4
        with pytest.raises(CoordinatorNotAvailable):
            transactions.leader_of(ID)
        await transactions.ensure_topic()
        assert transactions.leader_of(ID) == 1
        assert dict(server.node.image.topic_configs(TRANSACTIONS_TOPIC)) == {
            "cleanup.policy": "compact",
            "compression.type": "uncompressed",
            "min.insync.replicas": "1",
            "segment.bytes": "104857600",
            "unclean.leader.election.enable": "false",
        }


async def test_every_id_has_a_shard_and_all_are_listed() -> None:
    async with Server() as server:
        transactions = server.node.transactions
        names = [f"id-{number}" for number in range(20)]
        given = [await run(transactions, InitProducerId(name, 60_000)) for name in names]
        assert len({producer.producer_id for producer in given}) == 20
        assert len({transactions.partition_for(name) for name in names}) == 4
        listed = transactions.list(ListTransactions(states=frozenset({"Empty", "Sleepy"})))
        assert sorted(listing.transactional_id for listing in listed.transactions) == sorted(names)
        assert listed.unknown_states == {"Sleepy"}
        with pytest.raises(TransactionalIdNotFound):
            transactions.ask(DescribeTransaction("nobody"))


async def test_nobody_is_coordinated_after_the_end() -> None:
    async with Server() as server:
        transactions = server.node.transactions
        await run(transactions, InitProducerId(ID, 60_000))
        await transactions.close()
        with pytest.raises(NotCoordinator):
            transactions.run(ID, InitProducerId(ID, 60_000))


# What a transaction did.


async def transaction(rig: Rig, value: str, *names: TopicPartition, offset: int | None = None) -> Producer:
    """A transaction under way that wrote a record to each partition, and committed an offset if there is one."""
    producer = await rig.producer()
    await rig.add(producer, *names, *([] if offset is None else [OFFSETS]))
    for name in names:
        await rig.write(producer, name, value)
    if offset is not None:
        await rig.commit_offset(producer, offset)
    return producer


@pytest.mark.parametrize("version", [0, 2])
@pytest.mark.parametrize("committed", [True, False])
async def test_records_and_offsets_count_together_or_not_at_all(committed: bool, version: int) -> None:
    rig = await Rig().started()
    producer = await transaction(rig, "a", *ORDERS, offset=7)
    assert [rig.committed(name) for name in ORDERS] == [[]] * 3
    assert await rig.offset() is None
    await rig.ended(producer, committed=committed, version=version)
    assert [rig.committed(name) for name in ORDERS] == [["a"] if committed else []] * 3
    assert await rig.offset() == (7 if committed else None)
    again = await Rig(rig.disk.kill(), life=1).started()
    assert await again.offset() == (7 if committed else None)
    assert again.described().state is (State.COMPLETE_COMMIT if committed else State.COMPLETE_ABORT)


async def test_a_producer_goes_on_from_transaction_to_transaction() -> None:
    rig = await Rig().started()
    producer = await rig.producer()
    for number, committed in enumerate([True, False, True, True]):
        await rig.add(producer, *ORDERS[:2])
        for name in ORDERS[:2]:
            await rig.write(producer, name, str(number))
        producer = await rig.ended(producer, committed=committed)
    assert [rig.committed(name) for name in ORDERS] == [["0", "2", "3"], ["0", "2", "3"], []]
    assert producer.producer_epoch == 4


@pytest.mark.parametrize("committed", [True, False])
async def test_a_crash_before_the_markers(committed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    rig = await Rig().started()
    producer = await transaction(rig, "a", *ORDERS, offset=7)
    monkeypatch.setattr(rig.transactions._markers, "begin", lambda runner, markers: None)
    await rig.ended(producer, committed=committed)
    assert rig.described().is_ending
    again = await Rig(rig.disk.crash(), life=1).started()
    assert not again.described().is_ending
    assert [again.committed(name) for name in ORDERS] == [["a"] if committed else []] * 3
    assert await again.offset() == (7 if committed else None)
    assert [again.markers(name) for name in (*ORDERS, OFFSETS)] == [[(1, committed, 1)]] * 4


async def test_a_crash_between_the_markers_and_the_news_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = await Rig().started()
    producer = await transaction(rig, "a", *ORDERS, offset=7)
    (shard,) = rig.transactions.shards
    monkeypatch.setattr(shard, "tell", lambda command: None)
    await rig.ended(producer, committed=True)
    assert rig.described().is_ending
    again = await Rig(rig.disk.crash(), life=1).started()
    assert again.described().state is State.COMPLETE_COMMIT
    assert [again.committed(name) for name in ORDERS] == [["a"]] * 3
    assert await again.offset() == 7
    assert [again.markers(name) for name in (*ORDERS, OFFSETS)] == [[(1, True, 0), (1, True, 1)]] * 4


async def test_offsets_that_were_pending_at_a_crash_wait_for_their_marker() -> None:
    rig = await Rig().started()
    producer = await transaction(rig, "a", ORDERS[0], offset=7)
    again = await Rig(rig.disk.crash(), life=1).started()
    assert await again.offset() is None
    await again.ended(producer, committed=True)
    assert await again.offset() == 7


async def test_the_partitions_of_a_deleted_topic_are_left_out() -> None:
    rig = await Rig().started()
    producer = await transaction(rig, "a", *ORDERS, offset=7)
    rig.metadata.image = without(rig.metadata.image, "orders")
    for name in ORDERS:
        rig.held.pop(name)
    await rig.ended(producer, committed=True)
    assert rig.described().state is State.COMPLETE_COMMIT
    assert await rig.offset() == 7
    assert rig.transactions.counts.dropped_markers == 3


async def test_a_partition_whose_storage_failed_holds_up_nobody() -> None:
    rig = await Rig().started()
    producer = await transaction(rig, "a", *ORDERS)
    rig.directories[ORDERS[1]].fail(EIO)
    answer = rig.end(producer, committed=True)
    for _ in range(3):
        await rig.settle()
        rig.transactions.try_again()
    assert answer.done()
    assert rig.described().is_ending
    assert [rig.markers(name) for name in (ORDERS[0], ORDERS[2])] == [[(1, True, 0)]] * 2
    other = await rig.ask(InitProducerId("other", 60_000))
    assert isinstance(other, Producer)
    assert rig.transactions.counts.marker_failures >= 3
    again = await Rig(rig.disk.kill(), life=1).started()
    assert again.described().state is State.COMPLETE_COMMIT
    assert [again.committed(name) for name in ORDERS] == [["a"]] * 3


async def test_a_full_disk_lets_transactions_end_when_there_is_room() -> None:
    rig = await Rig().started()
    producer = await transaction(rig, "a", *ORDERS)
    for name in ORDERS:
        rig.directories[name].check()
    rig.directories[ORDERS[0]]._disk = FullDisk()  # type: ignore[assignment]  # a disk that fills up
    answer = rig.end(producer, committed=True)
    await rig.settle()
    assert answer.done()
    assert rig.described().is_ending
    rig.directories[ORDERS[0]]._disk = rig.disk
    await rig.over()
    assert [rig.committed(name) for name in ORDERS] == [["a"]] * 3


class FullDisk:
    def free_bytes(self, path: str) -> int:
        return 10


async def test_an_older_coordinator_is_refused() -> None:
    rig = await Rig(life=3).started()
    producer = await transaction(rig, "a", ORDERS[0])
    await rig.ended(producer, committed=True)
    late = TransactionMarker(producer.producer_id, 5, False, 2, 2)
    outcome = await rig.transactions.write_marker(ORDERS[0], late)
    assert isinstance(outcome, TransactionCoordinatorFenced)
    assert rig.markers(ORDERS[0]) == [(1, True, 3)]


async def test_another_coordinator_has_its_marker_written() -> None:
    rig = await Rig().started()
    written = rig.transactions.write_marker(ORDERS[0], TransactionMarker(99, 5, False, 2, 2))
    await rig.settle(syncs=False)
    assert not written.done()
    await rig.settle()
    assert written.result() is None
    gone = rig.transactions.write_marker(ORDERS[0], TransactionMarker(99, 6, False, 2, 2))
    gone.cancel()
    await rig.settle()
    assert rig.markers(ORDERS[0]) == [(5, False, 2), (6, False, 2)]


async def test_a_transaction_that_takes_too_long_is_aborted_and_its_producer_fenced() -> None:
    rig = await Rig().started()
    producer = await transaction(rig, "a", *ORDERS, offset=7)
    (shard,) = rig.transactions.shards
    rig.clock.advance(60_001)
    shard._fire(timeout_key(ID))
    await rig.over()
    assert rig.described().state is State.COMPLETE_ABORT
    assert rig.described().producer_epoch == producer.producer_epoch + 1
    assert [rig.committed(name) for name in ORDERS] == [[]] * 3
    assert await rig.offset() is None
    assert isinstance(rig.end(producer, committed=True), ProducerFenced)
    with pytest.raises(InvalidProducerEpoch):
        await rig.write(producer, ORDERS[0], "late")


async def test_what_is_left_of_the_time_counts_after_a_restart() -> None:
    rig = await Rig().started()
    await transaction(rig, "a", ORDERS[0])
    again = await Rig(rig.disk.kill(), life=1).started()
    (shard,) = again.transactions.shards
    assert timeout_key(ID) in shard._timers._due


# Producer ids.


async def test_a_fresh_id_that_cannot_be_had_is_told() -> None:
    rig = await Rig().started()
    rig.metadata.failure = EIO
    answer = await rig.ask(InitProducerId(ID, 60_000))
    assert isinstance(answer, CoordinatorNotAvailable)
    assert "gone" in str(answer)
    rig.metadata.failure = None
    assert isinstance(await rig.ask(InitProducerId(ID, 60_000)), Producer)


async def test_an_answer_that_comes_too_late_for_its_coordinator() -> None:
    rig = await Rig().started()
    answer = rig.transactions.run(ID, InitProducerId(ID, 60_000))
    await rig.transactions.close()
    assert isinstance(await answer, NotCoordinator)


async def test_a_producer_whose_epochs_are_used_up_goes_on_under_a_fresh_id() -> None:
    rig = Rig(life=1)
    now, partitions = rig.clock.now_ms(), frozenset({ORDERS[0]})
    last = TransactionStored(ID, 7, 32_766, 60_000, now, State.ONGOING, partitions, now, client_version=2)
    rig.held[STATE].log.append_records([Record(0, now, *encode(last))])
    again = await Rig(rig.disk.kill(), life=2).started()
    told = await again.ended(Producer(7, 32_766), committed=True)
    assert told == Producer(2_001, 0)
    assert again.markers(ORDERS[0]) == [(32_767, True, 2)]
    assert (again.described().producer_id, again.described().producer_epoch) == told


# Trouble with the coordinator's own log.


async def test_a_decision_that_the_log_did_not_take_never_was() -> None:
    rig = await Rig().started()
    producer = await transaction(rig, "a", *ORDERS)
    rig.disk.faults.fail(Fault(Operation.WRITE, errno.ENOSPC))
    answer = rig.end(producer, committed=True)
    await rig.settle()
    assert isinstance(answer.result(), CoordinatorNotAvailable)
    await rig.started()
    assert rig.described().state is State.ONGOING
    assert [rig.markers(name) for name in ORDERS] == [[]] * 3
    await rig.ended(producer, committed=True)
    assert [rig.committed(name) for name in ORDERS] == [["a"]] * 3


@pytest.mark.parametrize("limit", range(400, 404))
async def test_a_transaction_that_is_as_large_as_can_be_can_end(limit: int) -> None:
    rig = await Rig().started()
    rig.held[STATE].log.reconfigure(LogConfig(max_message_bytes=limit))
    producer = await rig.producer()
    answer = None
    for index in range(100):
        more = frozenset({TopicPartition("deleted", index)})
        command = AddPartitions(ID, producer.producer_id, producer.producer_epoch, more, client_version=0)
        answer = answer or await rig.ask(command)
    assert isinstance(answer, RecordTooLarge)
    assert isinstance(await rig.ask(InitProducerId(ID, 60_000)), ConcurrentTransactions)  # It is aborted and fenced.
    await rig.over()
    assert rig.described().state is State.COMPLETE_ABORT


# Other brokers.


class Peer:
    """Broker 2, which takes every marker while it is there."""

    def __init__(self) -> None:
        self.is_there = True
        self.taken: list[tuple[BrokerId, Sent]] = []

    async def write_markers(self, broker: BrokerId, markers: Sequence[Sent]) -> Outcomes:
        if not self.is_there:
            return dict.fromkeys(markers, PeerUnavailable(broker, "it was killed"))
        self.taken += [(broker, sent) for sent in markers]
        return dict.fromkeys(markers)


async def test_a_broker_that_is_not_reached_gets_its_markers_when_it_is_back() -> None:
    peer = Peer()
    rig = await Rig(remote=peer).started()
    producer = await transaction(rig, "a", *ORDERS)
    rig.metadata.image = led_by(rig.metadata.image, ORDERS[1], 2)
    peer.is_there = False
    answer = rig.end(producer, committed=True)
    await rig.settle()
    assert answer.done()
    assert rig.described().is_ending
    assert [rig.markers(name) for name in ORDERS] == [[(1, True, 0)], [], [(1, True, 0)]]
    peer.is_there = True
    await rig.over()
    assert rig.described().state is State.COMPLETE_COMMIT
    assert [sent.name for _, sent in peer.taken] == [ORDERS[1]]


async def test_a_partition_that_moves_gets_its_marker_where_it_is() -> None:
    rig = await Rig(remote=Peer()).started()
    producer = await transaction(rig, "a", *ORDERS)
    before = rig.metadata.image
    rig.metadata.image = led_by(before, ORDERS[1], -1)
    answer = rig.end(producer, committed=True)
    await rig.settle()
    assert answer.done()
    assert rig.described().is_ending
    after = led_by(before, ORDERS[1], 1)
    rig.metadata.image = after
    rig.transactions.follow(before, after)
    await rig.settle()
    assert rig.described().state is State.COMPLETE_COMMIT
    assert [rig.markers(name) for name in ORDERS] == [[(1, True, 0)]] * 3


async def test_partitions_of_other_brokers_get_their_markers_from_them() -> None:
    peer = Peer()
    rig = await Rig(remote=peer).started()
    producer = await transaction(rig, "a", *ORDERS)
    rig.metadata.image = led_by(rig.metadata.image, ORDERS[1], 2)
    await rig.ended(producer, committed=True)
    assert [rig.markers(name) for name in ORDERS] == [[(1, True, 0)], [], [(1, True, 0)]]
    assert peer.taken == [(2, Sent(ORDERS[1], TransactionMarker(producer.producer_id, 1, True, 0, 2)))]
