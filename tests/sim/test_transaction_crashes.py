"""Transactions through a stop at every file operation: each is everywhere or nowhere, and none is stuck.

Each transaction writes its number to three partitions and commits it as an offset of a group. Whatever disk is left, a
broker that starts on it finishes what was decided; the next producer of the id ends what was open; and then a reader of
committed records finds the same numbers in every partition, those that were promised among them, and the group at the
last of them.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from enum import Enum

import pytest

from cordwood.coordinator.marker_routes import LocalMarkers
from cordwood.coordinator.transaction_marker import Tell, TransactionMarker
from cordwood.env.dice import SeededDice
from cordwood.model.ids import TopicPartition
from cordwood.sim.disk import SimDisk
from cordwood.sim.stops import Stop, stops
from cordwood.txns.replies import Producer
from cordwood.txns.transitions import State
from tests.coordinator.transaction_rig import OFFSETS, ORDERS, Rig

LIVES = 1_000
"""More than a run has: the life that is looked at is a later one."""


class End(Enum):
    """What becomes of a transaction."""

    COMMIT = "committed"
    ABORT = "aborted"
    NONE = "left alone: the next producer of the id ends it"


ENDS = (End.ABORT, End.COMMIT, End.NONE, End.COMMIT)
"""In turn; each seed begins elsewhere."""


@dataclass
class Promises:
    """What producers were told, by the numbers of transactions."""

    committed: list[int] = field(default_factory=list)
    aborted: list[int] = field(default_factory=list)
    """Aborted, or fenced before they were ended."""
    undecided: set[int] = field(default_factory=set)
    """Those whose commit was asked for and not answered: at most the last one."""

    def copy(self) -> Promises:
        return Promises(list(self.committed), list(self.aborted), set(self.undecided))


@dataclass
class Left:
    """A disk that a stop left, and what had been promised until then."""

    stop: Stop
    promises: Promises


async def check(left: Left) -> None:
    """Every promise is kept, and no transaction is open or ending once a producer has taken the id."""
    rig = await Rig(left.stop.disk, life=LIVES).started()
    seen = [rig.committed(name) for name in ORDERS]
    assert all(values == seen[0] for values in seen), f"a transaction is in some of its partitions only: {seen}"
    assert await rig.offset() == (int(seen[0][-1]) if seen[0] else None), f"the group is elsewhere than {seen[0]}"
    await rig.producer()
    assert rig.described().state is State.EMPTY
    for name in (*ORDERS, OFFSETS):
        partition = rig.held[name]
        assert partition.last_stable_offset == partition.log.end_offset, f"a transaction is open in {name}"
    numbers = [int(value) for value in rig.committed(ORDERS[0])]
    assert [str(number) for number in numbers] == seen[0], "what was committed before is so after"
    promises = left.promises
    assert not set(promises.committed) - set(numbers), f"{promises.committed} were committed, {numbers} are there"
    assert not set(numbers) - set(promises.committed) - promises.undecided, f"{numbers} are there, of {promises}"


class Life:
    """One process after the other on one disk, with one producer in each."""

    def __init__(self, seed: int) -> None:
        self.dice = SeededDice(seed)
        self._seed = seed
        self.disk = SimDisk(SeededDice(seed))
        self.promises = Promises()
        self._lives = 0
        self._number = 0

    async def run(self, transactions: int) -> None:
        """So many transactions, with a restart now and then, in good order or not."""
        rig, producer = await self._begin()
        for _ in range(transactions):
            producer = await self._transaction(rig, producer)
            if self.dice.below(3) == 0:
                if self.dice.below(2):
                    await rig.stop()
                rig, producer = await self._begin()
        await rig.stop()

    async def _begin(self) -> tuple[Rig, Producer]:
        rig = await Rig(self.disk, life=self._lives).started()
        self._lives += 1
        return rig, await rig.producer()

    async def _transaction(self, rig: Rig, producer: Producer) -> Producer:
        self._number += 1
        number, version = self._number, (0, 2)[self.dice.below(2)]
        await rig.add(producer, *ORDERS[:2], OFFSETS, version=version)
        await rig.add(producer, ORDERS[2], version=version)
        for name in ORDERS:
            await rig.write(producer, name, str(number))
        await rig.commit_offset(producer, number)
        end = ENDS[(self._seed * 2 + number) % len(ENDS)]
        if end is End.COMMIT:
            self.promises.undecided.add(number)
            return await rig.ended(producer, committed=True, version=version, told=lambda: self._committed(number))
        self.promises.aborted.append(number)
        if end is End.ABORT:
            return await rig.ended(producer, committed=False, version=version)
        return await rig.producer()

    def _committed(self, number: int) -> None:
        self.promises.undecided.discard(number)
        self.promises.committed.append(number)


def lived(seed: int, transactions: int) -> list[Left]:
    """Everything that a stop of a run could have left."""
    life = Life(seed)
    found: list[Left] = []

    async def live() -> None:
        with stops(life.disk, SeededDice(seed + 1000), lambda stop: found.append(Left(stop, life.promises.copy()))):
            await life.run(transactions)

    asyncio.run(live())
    return found


@pytest.mark.parametrize("seed", range(2))
def test_a_transaction_is_everywhere_or_nowhere(seed: int) -> None:
    found = lived(seed, 3)
    assert len(found) > 500
    for left in found:
        try:
            asyncio.run(check(left))
        except AssertionError as error:
            error.add_note(str(left.stop))
            raise


# The check itself.


@pytest.fixture(scope="module")
def last() -> Left:
    """What a run leaves when it is over: three transactions."""
    return lived(0, 3)[-1]


@pytest.mark.parametrize(
    "promises",
    [Promises(committed=[1, 2, 3, 99]), Promises(aborted=[1, 2, 3])],
    ids=["one that was committed is not there", "one that was aborted is there"],
)
def test_a_promise_that_is_broken_is_noticed(last: Left, promises: Promises) -> None:
    with pytest.raises(AssertionError, match="are there"):
        asyncio.run(check(Left(last.stop._replace(disk=last.stop.disk.fork()), promises)))


@pytest.mark.parametrize(("name", "words"), [(ORDERS[1], "some of its partitions"), (OFFSETS, "elsewhere")])
def test_a_marker_that_is_missing_is_noticed(name: TopicPartition, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    write = LocalMarkers.write

    def forgets(self: LocalMarkers, to: TopicPartition, marker: TransactionMarker, tell: Tell) -> None:
        if to == name:
            tell(None)
        else:
            write(self, to, marker, tell)

    monkeypatch.setattr(LocalMarkers, "write", forgets)
    left = lived(0, 3)[-1]
    with pytest.raises(AssertionError, match=words):
        asyncio.run(check(left))
