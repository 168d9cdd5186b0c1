"""Several producers at once, writes and syncs that fail, processes that are killed and machines that lose power.

Each producer has an id, a group and numbers of its own: every transaction writes its number to three partitions and commits
it as the group's offset. When the faults are over and each id was taken once more, all partitions have the same numbers,
those that were committed among them, and every group stands at the last of its own.
"""

from __future__ import annotations

import asyncio
import errno
import itertools
from collections import Counter
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import pytest

from cordwood.env.dice import SeededDice
from cordwood.groups.offsets.commands import Commit, CommitOffset, FetchOffsets
from cordwood.model.errors import CordwoodError, InvalidRequest
from cordwood.records.builder import build_batch
from cordwood.records.record import Record
from cordwood.sim.disk import SimDisk
from cordwood.sim.faults import Fault, Operation
from cordwood.sim.loop import new_loop
from cordwood.txns.commands import AddPartitions, EndTransaction, InitProducerId
from cordwood.txns.replies import Producer
from tests.coordinator.transaction_rig import OFFSETS, ORDERS, Rig

T = TypeVar("T")

NAMES: Final = ("orders-1", "orders-2", "payments", "stock")
"""Transactional ids, and the groups that go with them."""

LIVES: Final = 4
TURNS: Final = 1_500
"""How long a process may live, in turns of the loop."""


@dataclass
class Told:
    """What producers were told, by the numbers of transactions."""

    committed: set[int] = field(default_factory=set)
    undecided: set[int] = field(default_factory=set)
    """Their commit was asked for, and not answered."""
    errors: Counter[str] = field(default_factory=Counter)


class Client:
    """One producer after the other under an id; whatever goes wrong, the next one begins anew."""

    def __init__(self, rig: Rig, name: str, dice: SeededDice, told: Told, numbers: Iterator[int]) -> None:
        self._rig = rig
        self._name = name
        self._dice = dice
        self._told = told
        self._numbers = numbers
        self._producer: Producer | None = None
        self._sequence = 0

    async def run(self) -> None:
        """Until the process ends."""
        while True:
            try:
                await self._transaction()
            except CordwoodError as error:
                self._told.errors[type(error).__name__] += 1
                self._producer = None
            await asyncio.sleep(0)

    async def _transaction(self) -> None:
        producer = self._producer or await self._begun()
        number, version = next(self._numbers), (0, 2)[self._dice.below(2)]
        held = {"producer_id": producer.producer_id, "producer_epoch": producer.producer_epoch}
        covered = frozenset([*ORDERS, OFFSETS])
        await self._ask(AddPartitions(self._name, **held, partitions=covered, client_version=version))
        for name in ORDERS:
            await self._write(producer, name, f"{self._name}:{number}")
        self._sequence += 1
        commit = Commit(self._name, (CommitOffset("orders", 0, number),), **held)
        await answered(self._rig.groups.run(self._name, commit))
        if self._dice.below(10) == 0:
            self._producer = None  # Left alone.
            return
        committed = self._dice.below(4) > 0
        if committed:
            self._told.undecided.add(number)
        ending = EndTransaction(self._name, **held, committed=committed, client_version=version)
        after = await self._ask(ending)
        if committed:
            self._told.undecided.discard(number)
            self._told.committed.add(number)
        if version == 2:
            self._producer, self._sequence = after, 0

    async def _begun(self) -> Producer:
        given = await self._ask(InitProducerId(self._name, 60_000))
        assert isinstance(given, Producer)
        self._producer, self._sequence = given, 0
        return given

    async def _ask(self, command: Any) -> Any:
        return await answered(self._rig.transactions.run(self._name, command))

    async def _write(self, producer: Producer, name: Any, value: str) -> None:
        partition = self._rig.held[name]
        batch = build_batch(
            [Record(0, self._rig.clock.now_ms(), None, value.encode())],
            producer_id=producer.producer_id,
            producer_epoch=producer.producer_epoch,
            base_sequence=self._sequence,
            transactional=True,
        )
        appended = partition.append(memoryview(bytearray(batch)))
        assert appended is not None
        while partition.high_watermark < appended.next_offset:
            if partition.failure is not None:
                raise partition.failure
            await asyncio.sleep(0)


async def answered(answer: Any) -> Any:
    """The answer when it is there. Raises it if it is an error."""
    found = await answer if isinstance(answer, asyncio.Future) else answer
    if isinstance(found, CordwoodError):
        raise found
    return found


async def live(disk: SimDisk, life: int, dice: SeededDice, told: Told, numbers: Iterator[int]) -> None:
    """A process from its start to its sudden end; now and then a write fails, and seldom a sync."""
    rig = await Rig(disk, life=life).started()
    clients = [asyncio.ensure_future(Client(rig, name, dice, told, numbers).run()) for name in NAMES]
    for _ in range(dice.below(TURNS)):
        await asyncio.sleep(0)
        match dice.below(20):
            case 0:
                rig.disk.faults.fail(Fault(Operation.WRITE, errno.ENOSPC))
            case 1 if dice.below(50) == 0:
                rig.disk.faults.fail(Fault(Operation.DATASYNC, errno.EIO))
            case 2 | 3 | 4:
                rig.transactions.try_again()
            case 5 | 6 | 7 | 8:
                rig.flusher.pending.run()
            case _:
                rig.flusher.turn()
    for client in clients:
        client.cancel()
    for outcome in await asyncio.gather(*clients, return_exceptions=True):
        assert isinstance(outcome, asyncio.CancelledError), outcome


async def check(disk: SimDisk, told: Told) -> int:
    """Every promise is kept; returns how many transactions there are."""
    rig = await Rig(disk, life=LIVES).started()
    for transactional_id in NAMES:
        await rig.producer(transactional_id)
    for name in (*ORDERS, OFFSETS):
        partition = rig.held[name]
        assert partition.last_stable_offset == partition.log.end_offset, f"a transaction is open in {name}"
    seen = [rig.committed(name) for name in ORDERS]
    assert all(sorted(values) == sorted(seen[0]) for values in seen), (
        f"a transaction is in some partitions only: {seen}"
    )
    found = [value.split(":") for value in seen[0]]
    numbers = [int(number) for _, number in found]
    assert len(set(numbers)) == len(numbers), f"twice: {numbers}"
    assert told.committed <= set(numbers) <= told.committed | told.undecided, f"{numbers} are there, of {told}"
    for group in NAMES:
        own = [int(number) for whose, number in found if whose == group]
        fetched = (await rig.ask_groups(FetchOffsets(group))).offsets
        assert [offset.offset for offset in fetched] == own[-1:], f"{group} is elsewhere than {own}"
    return len(numbers)


def played(dice: SeededDice, story: Coroutine[Any, Any, T]) -> T:
    """Plays a story in virtual time; whatever is still under way when it is over ends with it."""
    loop = new_loop(dice)
    try:
        return loop.run_until_complete(story)
    finally:
        loop.close()


@pytest.mark.parametrize("seed", range(4))
def test_whatever_fails_a_transaction_is_everywhere_or_nowhere(seed: int) -> None:
    dice, disk, told, numbers = SeededDice(seed), SimDisk(SeededDice(seed)), Told(), itertools.count(1)
    for life in range(LIVES):
        played(dice, live(disk, life, dice, told, numbers))
        disk = disk.crash(dice) if dice.below(2) else disk.kill()
    assert played(dice, check(disk, told)) > 0
    assert {"DiskFull", "CoordinatorLoading"} <= told.errors.keys(), told.errors
    assert InvalidRequest.__name__ not in told.errors
