"""A shard of groups through a stop at every file operation: no answer is taken back, and no decision is half there.

Each commit is of two partitions and of a number that grows, so that what is found afterwards tells how far it came: at
least as far as the last answer, in both partitions alike.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

import pytest

from cordwood.coordinator.loading import TransactionEnd, read_piece
from cordwood.env.dice import SeededDice
from cordwood.groups.classic.commands import Heartbeat, Leave, Leaving
from cordwood.groups.classic.group import ClassicGroup
from cordwood.groups.consumer.commands import ConsumerHeartbeat
from cordwood.groups.consumer.group import ConsumerGroup
from cordwood.groups.offsets.commands import Commit, CommitOffset
from cordwood.groups.offsets.replies import OffsetsCommitted
from cordwood.groups.removal import DeleteGroup
from cordwood.groups.shard import Shard
from cordwood.log.config import LogConfig
from cordwood.log.log import Log
from cordwood.model.errors import CordwoodError
from cordwood.sim.disk import SimDisk
from cordwood.sim.flusher import SimFlusher
from cordwood.sim.stops import Stop, stops
from tests.coordinator.rig import KIND, PATH, Rig

GROUPS = ("g", "h", "i")


def loaded(disk: SimDisk) -> Shard:
    """The shard as a process that starts on this disk finds it."""
    flusher = SimFlusher()
    log = Log.open(PATH, LogConfig(), disk=disk, clock=flusher.clock, flusher=flusher, lock=False)
    shard = Shard()
    offset = int(log.start_offset)
    while offset < log.end_offset:
        piece = read_piece(log, offset, decode=KIND.decode, end=log.end_offset, max_bytes=300)
        for change in piece.changes:
            assert not isinstance(change, TransactionEnd)
            shard.replay(change)
        offset = piece.next_offset
    return shard


class Promises:
    """What was answered, and what may be so although nobody was told yet."""

    def __init__(self) -> None:
        self.offsets: dict[str, int] = {}
        self.open_offsets: dict[str, set[int]] = {}
        self.deletions: set[str] = set()
        """Groups that are being deleted, or were: until their next answer they may be there or not."""
        self.generations: dict[str, int] = {}
        self.epochs: dict[str, int] = {}

    def begin(self, group: str, number: int) -> None:
        """A commit is under way."""
        self.open_offsets.setdefault(group, set()).add(number)

    def answered(self, group: str, number: int, answer: asyncio.Future[Any]) -> None:
        """A commit was answered."""
        assert isinstance(answer.result(), OffsetsCommitted)
        self.offsets[group] = number
        self.deletions.discard(group)
        self.open_offsets[group] = {other for other in self.open_offsets[group] if other > number}

    def check(self, shard: Shard) -> None:
        """Every promise is kept."""
        for group in GROUPS:
            values = {shard.offsets.find(group, "orders", partition) for partition in (0, 1)}
            found = {None if record is None else record.offset for record in values}
            assert len(found) == 1, f"one commit of {group}, and partitions differ: {found}"
            (offset,) = found
            allowed = {self.offsets.get(group), *self.open_offsets.get(group, ())}
            assert offset in allowed or (offset is None and group in self.deletions), (group, offset, allowed)
        for name, generation in self.generations.items():
            classic = shard.groups.get(name)
            assert isinstance(classic, ClassicGroup)
            assert classic.generation >= generation
        for name, epoch in self.epochs.items():
            consumer = shard.groups.get(name)
            assert isinstance(consumer, ConsumerGroup)
            assert consumer.epoch >= epoch


class Life:
    """One process after the other on one disk."""

    def __init__(self, seed: int) -> None:
        self.dice = SeededDice(seed)
        self.disk = SimDisk(SeededDice(seed))
        self.promises = Promises()
        self._number = 0

    async def run(self, steps: int) -> None:
        """So many steps, with a restart now and then, in good order or not."""
        rig = await Rig(self.disk, max_message_bytes=600).started()
        for _ in range(steps):
            if self.dice.below(8) == 0:
                if self.dice.below(2):
                    rig.stop()
                rig = await Rig(self.disk, max_message_bytes=600).started()
            step = (self.commits, self.commits, self.deletes, self.joins, self.beats)[self.dice.below(5)]
            await step(rig)
        rig.stop()

    async def commits(self, rig: Rig) -> None:
        """Several commits in one turn, of one group or of several."""
        sent = []
        for _ in range(1 + self.dice.below(3)):
            group = GROUPS[self.dice.below(len(GROUPS))]
            self._number += 1
            self.promises.begin(group, self._number)
            offsets = tuple(CommitOffset("orders", partition, self._number) for partition in (0, 1))
            sent.append(rig.send(Commit(group, offsets)))
            sent[-1].add_done_callback(partial(self.promises.answered, group, self._number))
        while not all(answer.done() for answer in sent):
            await rig.settle()

    async def deletes(self, rig: Rig) -> None:
        """A group goes whole."""
        group = GROUPS[self.dice.below(len(GROUPS))]
        self.promises.deletions.add(group)
        answer = await rig.ask(DeleteGroup(group))
        assert answer is None or group not in self.promises.offsets
        self.promises.offsets.pop(group, None)

    async def joins(self, rig: Rig) -> None:
        """A classic group gets a generation, and now and then loses its member."""
        name = f"classic-{self.dice.below(2)}"
        found = rig.runner.shard.groups.get(name)
        if isinstance(found, ClassicGroup) and found.members:
            leaving = tuple(Leaving(member) for member in found.members)
            await rig.ask(Leave(name, leaving))
        member, generation = await rig.member(name)
        self.promises.generations[name] = generation
        answer: Any = await rig.ask(Heartbeat(name, member, None, generation))
        assert answer is None

    async def beats(self, rig: Rig) -> None:
        """A member of a consumer group joins, or leaves."""
        name, member = "consumer", f"m{self.dice.below(3)}"
        group = rig.runner.shard.groups.get(name)
        leaves = isinstance(group, ConsumerGroup) and member in group.members
        topics = frozenset({"orders"})
        command = ConsumerHeartbeat(
            name, member, -1 if leaves else 0, 1, topics=topics, rebalance_timeout_ms=1_000, owned=frozenset()
        )
        reply = await rig.ask(command)
        assert not isinstance(reply, CordwoodError)
        after = rig.runner.shard.groups[name]
        assert isinstance(after, ConsumerGroup)
        self.promises.epochs[name] = after.epoch


@pytest.mark.parametrize("seed", range(3))
def test_what_was_answered_is_there(seed: int) -> None:
    life = Life(seed)
    count = 0

    broken: list[str] = []

    def examine(stop: Stop) -> None:
        nonlocal count
        count += 1
        try:
            life.promises.check(loaded(stop.disk))
        except AssertionError as error:  # The event loop would only log it.
            broken.append(f"{stop}: {error}")

    async def live() -> None:
        with stops(life.disk, SeededDice(seed + 1000), examine):
            await life.run(14)

    asyncio.run(live())
    assert not broken, broken[0]
    assert count > 100


def test_a_promise_that_is_broken_is_noticed() -> None:
    promises = Promises()
    promises.offsets["g"] = 5
    with pytest.raises(AssertionError):
        promises.check(Shard())
