"""The controller: takes proposals one at a time and shows the image that they lead to.

Lives here: turns, the order of writing, replaying and showing, and who is told. Must not live here: decisions.

For each proposal, in this order: decide against the newest image; replay the records into a next image, which nobody
sees yet and which proves that the records fit; write them as one batch and wait for the disk; let the subscribers
follow; show the next image; answer. A crash before the write leaves nothing, one after it everything: the next start
replays what is in the journal.

All methods but `open` and `close` belong to the event loop's thread; `image` may be read from any.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec

from cordwood.controller.journal import Journal
from cordwood.env.clock import Clock
from cordwood.env.dice import Dice
from cordwood.env.disk import Disk
from cordwood.log.flusher import Flusher
from cordwood.metadata import EMPTY, Image, Record, Result, cluster, producers, replay_all
from cordwood.model.errors import StorageFailed
from cordwood.model.ids import BrokerId, ProducerId

T = TypeVar("T")


class Transition(msgspec.Struct, frozen=True):
    """From one image to the next, by these records."""

    before: Image
    after: Image
    records: tuple[Record, ...]


Subscriber = Callable[[Transition], Awaitable[None]]
"""Follows a transition. It must not propose: the turn is not over before all subscribers are done."""


class Controller:
    """The metadata of a node, and the only way to change them. Open it with `Controller.open`."""

    def __init__(self, journal: Journal, image: Image) -> None:
        """For `Controller.open`."""
        self._journal = journal
        self._image = image
        self._subscribers: list[Subscriber] = []
        self._turn = asyncio.Lock()
        self._running: set[asyncio.Task[object]] = set()
        self._producer_ids = producers.ProducerIds()
        self._producer_turn = asyncio.Lock()

    @classmethod
    def open(
        cls,
        path: str,
        *,
        disk: Disk,
        clock: Clock,
        dice: Dice,
        flusher: Flusher,
        cluster_id: str | None = None,
    ) -> Controller:
        """Opens the journal in the directory `path`, replays it, and founds the cluster at the first start.

        `cluster_id` is the id that the cluster must have; without one a new cluster gets one by chance. Raises
        DirectoryLocked, CorruptLog, StorageFailed, InvalidMetadata, WrongCluster.
        """
        journal = Journal(path, disk, clock, flusher)
        try:
            image = replay_all(EMPTY, journal.read())
            wanted = cluster_id or image.cluster_id or cluster.new_cluster_id(dice.token)
            founded = cluster.found(image, wanted)
            if founded.records:
                journal.write(founded.records)
                image = replay_all(image, founded.records)
        except BaseException:  # Whatever it was, the directory must not stay locked.
            journal.close()
            raise
        return cls(journal, image)

    @property
    def image(self) -> Image:
        """The newest image: everything in it is on the disk."""
        return self._image

    @property
    def failure(self) -> StorageFailed | None:
        """Why no proposal can be accepted any more; the node has to stop."""
        return self._journal.failure

    def subscribe(self, subscriber: Subscriber) -> None:
        """Has a subscriber follow every transition from now on, before its image is shown."""
        self._subscribers.append(subscriber)

    async def propose(self, decide: Callable[[Image], Result[T]]) -> T:
        """The reply of a decision against the newest image, once its records have taken effect.

        Raises what `decide` raises; DiskFull, after which nothing has changed; StorageFailed, LogClosed; and what a
        subscriber raises, after which the change is in effect all the same. A proposal goes on when its caller is
        cancelled, since it may be written already.
        """
        task = asyncio.ensure_future(self._carry_out(decide))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return await asyncio.shield(task)

    async def new_producer_id(self, broker_id: BrokerId) -> ProducerId:
        """A producer id that nobody had before. Raises as `propose`, and InvalidRequest before the broker registered."""
        async with self._producer_turn:
            taken = self._producer_ids.take()
            while taken is None:
                self._producer_ids.refill(await self.propose(lambda image: producers.allocate(image, broker_id)))
                taken = self._producer_ids.take()
            return taken

    def close(self) -> None:
        """Closes the journal. Proposals that are under way fail. Raises StorageFailed."""
        self._journal.close()

    async def _carry_out(self, decide: Callable[[Image], Result[T]]) -> T:
        async with self._turn:
            before = self._image
            result = decide(before)
            if result.records:
                after = replay_all(before, result.records)
                await self._journal.write_soon(result.records)
                await self._show(Transition(before, after, result.records))
            return result.reply

    async def _show(self, transition: Transition) -> None:
        try:
            for subscriber in self._subscribers:
                await subscriber(transition)
        finally:
            self._image = transition.after
