"""The node's part of the metadata quorum: its directory founded or taken over, opened, and a controller made of it.

Lives here: which directory, who founds it, when the node takes part and when it leaves. Must not live here: the group
(`controller`), the peers (peering.py), when the rest of the node starts (node.py).

| the configuration names | a directory that was never used |
|---|---|
| no quorum, or this node alone | founds a group of one, at once |
| several first members | is refused: a member that lost its disk must not begin anew and vote again |
| where to join (controller.quorum.bootstrap.servers) | waits until the cluster adds it |
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from cordwood.consensus.opening import has_begun
from cordwood.controller import Controller, Transition
from cordwood.controller.members import member_of, node_of
from cordwood.controller.membership import Membership
from cordwood.controller.opening import QUORUM_DIRECTORY, open_quorum
from cordwood.controller.takeover import found_alone
from cordwood.metadata import Image, QuorumNode, Result, brokers, quorum
from cordwood.model.consensus_errors import GroupStopped, NoQuorum, OutcomeUnknown
from cordwood.model.errors import CordwoodError, StorageFailed, WrongCluster
from cordwood.model.quorum_errors import NotFounded, TakenOut
from cordwood.node.directory import own_directory_id
from cordwood.node.peering import Peering
from cordwood.observe.quorum import PeerCounts, QuorumCounts

if TYPE_CHECKING:
    from cordwood.consensus.storage import GroupStorage
    from cordwood.consensus.wire import GroupMessage
    from cordwood.env.background import Background
    from cordwood.log.flusher import Flusher
    from cordwood.metadata import Endpoint
    from cordwood.metadata.brokers import Registration
    from cordwood.node.configuration import NodeConfig
    from cordwood.node.world import World

T = TypeVar("T")

logger = logging.getLogger(__name__)

ATTEMPT_S: Final = 1.0
"""How long a start waits for a majority before it says so, again and again."""


class _Opened(NamedTuple):
    storage: GroupStorage
    directory_id: bytes


class Quorum:
    """The quorum as this node takes part in it. `open` comes first, then `join`, `register`; at the end `leave`."""

    controller: Controller
    membership: Membership
    peering: Peering

    def __init__(
        self,
        config: NodeConfig,
        world: World,
        background: Background,
        flusher: Flusher,
        say: Callable[[str], None],
    ) -> None:
        """`say` is told what the start waits for."""
        self._node = config
        self._world = world
        self._background = background
        self._flusher = flusher
        self._say = say
        self._config = config.quorum.group_config(member_of(config.node_id))
        self._given_up = False
        self._directory_id = b""
        self._registered: Registration | None = None
        self.taken_out: TakenOut | None = None
        """Why the node is no broker of the cluster any more, once it was one."""
        self.path = f"{config.data_dirs[0]}/{QUORUM_DIRECTORY}"

    async def open(self, endpoint: Endpoint) -> Controller:
        """The controller, which takes no part yet; its image is that of its last snapshot.

        `endpoint` is where the peers reach this node. Raises NotFounded, WrongNode, DirectoryLocked, CorruptLog,
        InvalidMetadata, StorageFailed, WrongCluster.
        """
        storage, self._directory_id = await asyncio.wrap_future(self._background.submit(self._open_storage))
        loop = asyncio.get_running_loop()
        try:
            self.peering = Peering(
                self._node.node_id,
                self._directory_id,
                self._node.cluster_id or "",
                endpoint,
                self._node.quorum.peer_config(),
                self._config.max_message_bytes,
                loop=loop,
                dice=self._world.dice,
            )
            self.controller = Controller(
                self._config,
                storage,
                disk=self._world.disk,
                loop=loop,
                background=self._background,
                dice=self._world.dice,
                transport=self.peering,
            )
        except BaseException:  # Whatever it was, the directory must not stay locked.
            storage.log.close()
            raise
        self._endpoint = endpoint
        self.membership = Membership(self.controller, self._world.clock)
        self.peering.follow(self.controller.image)
        self.controller.subscribe(self._follow)
        return self.controller

    def _open_storage(self) -> _Opened:
        """In a background thread: it reads whole files."""
        node, world = self._node, self._world
        world.disk.make_directory(node.data_dirs[0])
        if self._stands_alone:
            found_alone(
                node.data_dirs[0],
                node.node_id,
                node.cluster_id,
                disk=world.disk,
                clock=world.clock,
                dice=world.dice,
                flusher=self._flusher,
            )
        elif not node.quorum.bootstrap_servers and not has_begun(world.disk, self.path):
            raise NotFounded(self.path)
        storage = open_quorum(
            self.path,
            self._config,
            disk=world.disk,
            background=self._background,
            clock=world.clock,
            new_flusher=world.new_flush_worker,
        )
        try:
            return _Opened(storage, own_directory_id(world.disk, self.path, node.node_id, world.dice))
        except BaseException:  # Whatever it was, the directory must not stay locked.
            storage.log.close()
            raise

    @property
    def _stands_alone(self) -> bool:
        others = {voter.id for voter in self._node.voters} - {self._node.node_id}
        return not others and not self._node.quorum.bootstrap_servers

    async def _follow(self, transition: Transition) -> None:
        self.peering.follow(transition.after)
        if self._registered is not None and self.taken_out is None:
            broker = transition.after.brokers.get(self._registered.id)
            if broker is None or broker.incarnation != self._registered.incarnation:
                self.taken_out = TakenOut(self._registered.id)
                logger.error("%s", self.taken_out)

    # Taking part.

    async def join(self) -> Image:
        """Takes part in the group; returns an image that is not stale, as soon as a majority is there.

        Raises WrongCluster, GroupStopped when the start is given up, the failure of the group on this node.
        """
        self.peering.attach(self._receive)
        self.controller.start()
        image = await self._patiently(lambda: self.controller.read(ATTEMPT_S))
        if self._node.cluster_id is not None and image.cluster_id != self._node.cluster_id:
            raise WrongCluster(image.cluster_id, self._node.cluster_id)
        return image

    def _receive(self, message: GroupMessage) -> None:
        self.membership.attendance.heard(message.sender)
        self.controller.driver.receive(message)

    async def register(self, registration: Registration) -> None:
        """Makes the node known to the cluster: as a broker, and as a member with its directory and its address.

        Raises OtherDirectory where the member is known with another directory, and as `join`.
        """
        member = QuorumNode(self._node.node_id, self._directory_id, self._endpoint)

        def decide(image: Image) -> Result[int]:
            registered, noted = brokers.register(image, registration), quorum.note(image, member)
            return Result((*registered.records, *noted.records), registered.reply)

        await self._patiently(lambda: self.controller.propose(decide, ATTEMPT_S))
        self._registered = registration

    def give_up(self) -> None:
        """Whoever waits for a majority waits no more."""
        self._given_up = True

    async def _patiently(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Asks until there is an answer: what is asked here may be done twice."""
        said = ""
        while True:
            try:
                return await ask()
            except OutcomeUnknown as error:
                logger.info("asked again while the node starts: %s", error)
            except NoQuorum as error:
                if self._given_up:
                    raise GroupStopped("the start was given up before a majority was there") from error
                if (waiting := self._waiting_for(error.trouble)) != said:
                    said = waiting
                    self._say(waiting)

    def _waiting_for(self, trouble: str) -> str:
        image = self.controller.image
        if not image.cluster_id:
            return f"waiting to be added to a cluster as node {self._node.node_id} (cordwood cluster add)"
        links = list(self.peering.links)
        missing = [f"{link.peer}: {link.reason}" for link in links if not link.is_up]
        reached = f"{len(links) - len(missing)} of {len(links)} other members reached"
        return "; ".join([f"waiting for a majority of the metadata quorum ({trouble})", reached, *missing])

    def counts(self) -> QuorumCounts:
        """This moment, for metrics."""
        group, configuration = self.controller.driver.metrics(), self.controller.driver.configuration
        reception, leader = self.peering.reception, self.controller.leader
        return QuorumCounts(
            leader=-1 if leader is None else leader,
            is_leader=group.is_leader,
            term=group.term,
            committed=group.commit,
            applied=group.applied,
            voters=len(configuration.voters),
            observers=len(configuration.learners),
            waiting=group.pending,
            snapshots_made=group.snapshots_made,
            snapshots_installed=group.snapshots_installed,
            received=reception.received,
            damaged=reception.damaged,
            hellos_refused=reception.refused,
            peers=tuple(
                PeerCounts(link.peer.node_id, link.is_up, link.sent, link.dropped) for link in self.peering.links
            ),
        )

    # Leaving.

    async def hand_over(self) -> None:
        """Has another member lead, if this node does and one can: so nobody has to miss it first."""
        driver = self.controller.driver
        others = driver.configuration.voters - {driver.id}
        able = [
            (follower.match, node_id)
            for member, follower in driver.status().followers.items()
            if follower.recent and member in others and (node_id := node_of(member)) is not None
        ]
        for _, node_id in sorted(able, reverse=True):
            try:
                await self.membership.transfer(node_id, 2 * self._node.quorum.fetch_timeout_ms / 1000)
            except CordwoodError as error:
                logger.info("the leadership was not handed over: %s", error)
            else:
                return

    async def leave(self) -> None:
        """Takes part no more. A disk that fails there is told and not passed on.

        On the loop, where those are who wait for the group: its log is synced once more, which takes a moment.
        """
        await self.peering.close()
        try:
            self.controller.close()
        except StorageFailed as error:
            logger.error("the metadata could not be closed in good order: %s", error)
