"""The controller: the metadata of the cluster as this node sees it, and the only way to change them.

      propose ──> Proposals ──> Driver ══ group ══> Machine: committed image ──> Showing: shown image ──> answer
      read ─────> Reading ────> Driver ══ group ══> Machine ─────────────────> Showing ──> image

Lives here: the face, deadlines, and which part is plugged into which. Must not live here: decisions (`metadata`), the
group itself (`consensus`), the parts.

A proposal may be made on any node. It is answered when its image is shown on this node, so whoever was answered finds
what was done. All methods belong to the event loop's thread; `image` may be read from any.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeVar

from cordwood.consensus.driver import Driver
from cordwood.controller.machine import Machine
from cordwood.controller.members import node_of
from cordwood.controller.patience import Patience
from cordwood.controller.proposals import Proposals
from cordwood.controller.reading import Reading
from cordwood.controller.room import Room
from cordwood.controller.showing import Showing
from cordwood.metadata import Image, Result, producers
from cordwood.metadata.commands import TOKEN_BYTES
from cordwood.model.consensus_errors import GroupStopped, NoQuorum
from cordwood.model.errors import CordwoodError
from cordwood.model.ids import BrokerId, ProducerId
from cordwood.raft import Message, NodeId

if TYPE_CHECKING:
    from cordwood.consensus.config import GroupConfig
    from cordwood.consensus.storage import GroupStorage
    from cordwood.consensus.transport import Transport
    from cordwood.controller.showing import Subscriber
    from cordwood.env.background import Background
    from cordwood.env.dice import Dice
    from cordwood.env.disk import Disk

T = TypeVar("T")

TIMEOUT_S: Final = 10.0
"""How long a proposal or a read waits where its caller does not say."""


class Nobody:
    """The way to the peers of a node that has none."""

    def send(self, to: NodeId, message: Message) -> bool:
        """Drops the message."""
        return False


NO_PEERS: Final = Nobody()


class Controller:
    """One node's part of the metadata group. Made of an opened directory; `start` has it take part."""

    def __init__(
        self,
        config: GroupConfig,
        storage: GroupStorage,
        *,
        disk: Disk,
        loop: asyncio.AbstractEventLoop,
        background: Background,
        dice: Dice,
        transport: Transport = NO_PEERS,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        """The image is that of the newest snapshot. Raises CorruptLog, InvalidMetadata, LogDamaged, StorageFailed."""
        self._timeout_s = timeout_s
        self._patience = Patience(loop)
        machine = self._machine = Machine(dice.token(TOKEN_BYTES))
        self.driver = Driver(
            config,
            storage,
            machine,
            loop=loop,
            background=background,
            transport=transport,
            dice=dice,
            on_leader=self._follow_leader,
        )
        """This node's part of the Raft group: its status, changes of the members, and what peers send goes there."""
        showing = self._showing = Showing(machine.image)
        machine.on_change = showing.follow
        self._reading = Reading(self.driver, self._patience)
        self._proposals = Proposals(
            self.driver,
            machine,
            showing,
            reading=self._reading,
            patience=self._patience,
            room=Room(disk, storage.snapshots.path),
            loop=loop,
        )
        self._producer_ids = producers.ProducerIds()
        self._producer_turn = asyncio.Lock()

    def start(self) -> None:
        """Takes part in the group from now on."""
        self.driver.start()

    def close(self) -> None:
        """Takes part no more; whoever waits is told. Raises StorageFailed."""
        self._proposals.close()
        self._showing.close()
        self.driver.close()

    @property
    def image(self) -> Image:
        """The newest image that all subscribers have followed; everything in it is committed."""
        return self._showing.image

    @property
    def committed(self) -> Image:
        """The newest committed image, as far as this node knows; subscribers may still be following it."""
        return self._machine.image

    @property
    def leader(self) -> BrokerId | None:
        """The node that leads the group, as far as this one knows."""
        return node_of(self.driver.leader)

    @property
    def failure(self) -> Exception | None:
        """Why this node takes part no more; it has to stop."""
        return self.driver.failure

    def subscribe(self, subscriber: Subscriber) -> None:
        """Has a subscriber follow every transition from now on, before its image is shown."""
        self._showing.subscribe(subscriber)

    async def propose(self, decide: Callable[[Image], Result[T]], timeout_s: float | None = None) -> T:
        """The reply of a decision on the newest image, once its records have taken effect and are shown here.

        It may be made several times, on one image after another; that it has no records, or is an error, is told only if
        it was not made on a stale one. A proposal goes on when its caller is cancelled. The timeout is for the group:
        subscribers take the time that they take.

        Raises what `decide` raises; DiskFull, after which nothing has changed; NoQuorum and OutcomeUnknown, after which it
        may still take effect; NotTaken where too many wait; the failure of this node; and what a subscriber raises, after
        which the change is in effect all the same.
        """
        ask = self._proposals.ask(decide)
        timeout_s = self._timeout_s if timeout_s is None else timeout_s
        await asyncio.wait([ask.answer], timeout=timeout_s)
        if ask.stands:
            await asyncio.wait([ask.answer])
        elif not ask.is_over:
            ask.answer.cancel()
            raise NoQuorum(timeout_s, self._patience.trouble)
        try:
            return ask.answer.result()
        except GroupStopped as stopped:
            raise self._reason(stopped) from stopped

    async def read(self, timeout_s: float | None = None) -> Image:
        """An image that has everything that anybody was told before the call. Raises NoQuorum, this node's failure."""
        timeout_s = self._timeout_s if timeout_s is None else timeout_s
        try:
            async with asyncio.timeout(timeout_s):
                await self._reading.confirm()
                stumble = await self._showing.reached(self._machine.image.revision)
        except TimeoutError as error:
            raise NoQuorum(timeout_s, self._patience.trouble) from error
        except GroupStopped as stopped:
            raise self._reason(stopped) from stopped
        if isinstance(stumble, GroupStopped):
            raise stumble
        return self.image

    async def new_producer_id(self, broker_id: BrokerId) -> ProducerId:
        """A producer id that nobody had before. Raises as `propose`, and InvalidRequest before the broker registered."""
        async with self._producer_turn:
            taken = self._producer_ids.take()
            while taken is None:
                self._producer_ids.refill(await self.propose(lambda image: producers.allocate(image, broker_id)))
                taken = self._producer_ids.take()
            return taken

    def _follow_leader(self, leader: NodeId) -> None:
        self._patience.end_pauses()

    def _reason(self, stopped: GroupStopped) -> CordwoodError:
        """Why the group has stopped on this node, where we have a word for it."""
        failure = self.driver.failure
        return failure if isinstance(failure, CordwoodError) else stopped
