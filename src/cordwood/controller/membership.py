"""Changes of the quorum: who votes on the metadata, who leads, and who is no member any more.

      add:      noted ──> learner ──> has caught up ──> voter                     (a voter: through a joint configuration)
      remove:   voter ──> learner, while it is a registered broker; else no member
      transfer: the leader brings the target up to date, and hands over

Lives here: the order of the steps, their deadlines, and that there is one change at a time. Must not live here: the rules
of each step (`raft`, `metadata`), and who may ask for it (`broker`).

1. The leader changes the quorum; every other node says who leads.
2. A step that was not taken in, or of which nobody knows, is asked for again while this node leads and the time lasts.
   What was done stays done: who asks again goes on from there.
3. Who is added begins anew, unless it is there and known: a node that comes with another disk than before must not be
   taken for the one that it was.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from cordwood.controller.attendance import Attendance
from cordwood.controller.members import member_of, node_of
from cordwood.controller.quorum_state import QuorumState, state_of
from cordwood.metadata import QuorumNode, Result, brokers, quorum
from cordwood.metadata.image import NO_DIRECTORY
from cordwood.model.consensus_errors import NoQuorum, NotTaken, OutcomeUnknown
from cordwood.model.ids import BrokerId
from cordwood.model.quorum_errors import (
    BrokerNotRegistered,
    ChangeTimedOut,
    ChangeUnderWay,
    LastVoter,
    NotQuorumLeader,
    VoterExists,
    VoterNotFound,
    VoterStays,
)
from cordwood.raft import NOBODY, Change, ChangeKind, ConfChange, Configuration, NodeId, Role, Transition

if TYPE_CHECKING:
    from cordwood.controller.controller import Controller
    from cordwood.env.clock import Clock
    from cordwood.metadata import Image

TIMEOUT_S: Final = 30.0
"""How long a change may take where who asks for it does not say."""

POLL_S: Final = 0.02
"""How often it is looked whether a step is done."""

ANSWER_POLLS: Final = 50
"""A member that is there answers a heartbeat before it was looked for so often."""

ROUND_S: Final = 0.5
"""A learner has caught up when it got all that there was at the beginning of a round within this time."""


class Membership:
    """The members of the quorum, as this node sees and changes them. Belongs to the event loop's thread."""

    def __init__(self, controller: Controller, clock: Clock) -> None:
        self._controller = controller
        self._driver = controller.driver
        self._clock = clock
        self.attendance = Attendance(clock)
        self._under_way = ""
        self._trouble = ""

    def describe(self) -> QuorumState:
        """How the quorum stands. Raises NotQuorumLeader."""
        self._check_leads()
        return state_of(self._driver.status(), self._controller.image, self.attendance, self._clock.now_ms())

    async def add(self, node: QuorumNode, timeout_s: float = TIMEOUT_S) -> None:
        """Makes a node a voter: it must run, and wait to be added, or be a member without a vote.

        Raises NotQuorumLeader, VoterExists, ChangeUnderWay, ChangeTimedOut, after which it may be a member without a
        vote; and the failure of this node.
        """
        member = member_of(node.id)
        async with self._change(f"adding node {node.id}", timeout_s):
            if member in self._driver.configuration.voters:
                raise VoterExists(node.id, self._voters())
            await self._invite(node, member)
            await self._reach(
                Change(ChangeKind.ADD_LEARNER, member), lambda configuration: member in configuration.members
            )
            await self._catch_up(member)
            await self._reach(Change(ChangeKind.ADD_VOTER, member), lambda now: member in now.incoming)

    async def remove(self, node_id: int, directory_id: bytes = NO_DIRECTORY, timeout_s: float = TIMEOUT_S) -> None:
        """Takes a node's vote; as a registered broker it stays a member, since it must follow the metadata.

        Raises NotQuorumLeader, VoterNotFound, LastVoter, ChangeUnderWay, ChangeTimedOut, and the failure of this node.
        """
        member = member_of(node_id)
        async with self._change(f"removing node {node_id}", timeout_s):
            voters = self._driver.configuration.voters
            if member not in voters:
                raise VoterNotFound(node_id, self._voters())
            if not self._is_known(node_id, directory_id):
                raise VoterNotFound(node_id, self._voters(), directory_id)
            if len(voters) == 1:
                raise LastVoter(node_id)
            if node_id in self._controller.image.brokers:
                demoted = Change(ChangeKind.ADD_LEARNER, member)
                await self._reach(demoted, lambda now: member in now.learners)
                return
            await self._reach(Change(ChangeKind.REMOVE, member), lambda now: member not in now.members)
            await self._propose(lambda image: quorum.forget(image, node_id))

    async def unregister(self, broker_id: int, timeout_s: float = TIMEOUT_S) -> None:
        """Takes a broker out of the cluster for good, and out of the quorum that it follows.

        Any node may do it but that very one, which would not hear that it was done. Raises NotQuorumLeader, VoterStays,
        BrokerNotRegistered, InvalidRequest while it holds replicas, ChangeUnderWay, ChangeTimedOut, and the failure of
        this node.
        """
        member = member_of(broker_id)
        async with self._change(f"unregistering broker {broker_id}", timeout_s, must_lead=False):
            if member in self._driver.configuration.voters:
                raise VoterStays(broker_id)
            if member == self._driver.id:
                self._check_leads()
            if broker_id in self._controller.image.brokers:
                await self._propose(lambda image: _left(image, BrokerId(broker_id)))
            elif member not in self._driver.configuration.members:
                raise BrokerNotRegistered(broker_id)
            gone = Change(ChangeKind.REMOVE, member)
            await self._reach(gone, lambda now: member not in now.members, must_lead=False)

    async def transfer(self, node_id: int, timeout_s: float = TIMEOUT_S) -> None:
        """Has another voter lead. Raises NotQuorumLeader, VoterNotFound, ChangeUnderWay, ChangeTimedOut."""
        member = member_of(node_id)
        async with self._change(f"handing over to node {node_id}", timeout_s):
            if member not in self._driver.configuration.incoming:
                raise VoterNotFound(node_id, self._voters())
            self._driver.transfer_leadership(member)
            self._trouble = "no node leads yet"
            while self._driver.leader != member:
                status = self._driver.status()
                if status.role is Role.LEADER and status.transferee != member:
                    raise ChangeTimedOut(self._under_way, "it did not take over, and this node leads on; does it run?")
                if status.leader not in (NOBODY, status.id, member):
                    raise ChangeTimedOut(self._under_way, f"node {node_of(status.leader)} was faster, and leads now")
                await asyncio.sleep(POLL_S)

    # Steps.

    @asynccontextmanager
    async def _change(self, what: str, timeout_s: float, *, must_lead: bool = True) -> AsyncIterator[None]:
        """One change at a time, for so long."""
        if must_lead:
            self._check_leads()
        if self._under_way:
            raise ChangeUnderWay(self._under_way)
        self._under_way = what
        self._trouble = "it was not begun"
        try:
            async with asyncio.timeout(timeout_s):
                yield
        except TimeoutError as error:
            raise ChangeTimedOut(what, self._trouble) from error
        finally:
            self._under_way = ""

    async def _invite(self, node: QuorumNode, member: NodeId) -> None:
        """Notes a node that is to join. One that follows already, and is who it should be, has said itself where it is."""
        if member in self._driver.configuration.members:
            if self._is_known(node.id, node.directory_id) and await self._answers(member):
                return
            await self._reach(Change(ChangeKind.REMOVE, member), lambda now: member not in now.members)
        await self._propose(lambda image: quorum.invite(image, node))

    async def _answers(self, member: NodeId) -> bool:
        """Whether a member is heard of from now on: that it was a moment ago may be of a life that has ended."""
        begin_ms = self._clock.now_ms()
        for _ in range(ANSWER_POLLS):
            if self.attendance.last_heard(member) > begin_ms:
                return True
            await asyncio.sleep(POLL_S)
        return False

    def _is_known(self, node_id: int, directory_id: bytes) -> bool:
        known = self._controller.image.quorum_nodes.get(node_id)
        return known is None or NO_DIRECTORY in (known.directory_id, directory_id) or known.directory_id == directory_id

    async def _propose(self, decide: Callable[[Image], Result[None]]) -> None:
        while True:
            try:
                await self._controller.propose(decide)
            except (NoQuorum, NotTaken, OutcomeUnknown) as error:
                self._trouble = str(error)
                await asyncio.sleep(POLL_S)
            else:
                return

    async def _reach(self, change: Change, is_done: Callable[[Configuration], bool], *, must_lead: bool = True) -> None:
        """Asks for a change until it is in force here, and no other is under way."""
        touches_voters = change.kind is ChangeKind.ADD_VOTER or change.node in self._driver.configuration.voters
        wanted = ConfChange((change,), Transition.JOINT_IMPLICIT if touches_voters else Transition.AUTO)
        while True:
            configuration = self._driver.configuration
            if is_done(configuration) and not configuration.joint:
                return
            if must_lead:
                self._check_leads()
            try:
                if not configuration.joint:
                    await self._driver.change(wanted)
                    continue
                self._trouble = f"the voters of before and those to be have not agreed: {configuration}"
            except (NotTaken, OutcomeUnknown) as error:
                self._trouble = str(error)
            await asyncio.sleep(POLL_S)

    async def _catch_up(self, member: NodeId) -> None:
        """Waits until a learner gets what there is as fast as it comes."""
        loop = asyncio.get_running_loop()
        begin, target = loop.time(), self._driver.status().last
        while True:
            self._check_leads()
            status = self._driver.status()
            follower = status.followers.get(member)
            if follower is None:
                raise ChangeUnderWay(f"node {node_of(member)} was removed meanwhile")
            match = follower.match
            if match >= target:
                if loop.time() - begin <= ROUND_S:
                    return
                begin, target = loop.time(), status.last
            self._trouble = f"it is a member without a vote by now, and has {match} of {status.last} entries"
            await asyncio.sleep(POLL_S)

    def _check_leads(self) -> None:
        status = self._driver.status()
        if status.role is not Role.LEADER:
            leader = None if status.leader == status.id else node_of(status.leader)
            raise NotQuorumLeader(-1 if leader is None else leader)

    def _voters(self) -> tuple[int, ...]:
        return tuple(sorted(node for node in map(node_of, self._driver.configuration.voters) if node is not None))


def _left(image: Image, broker_id: BrokerId) -> Result[None]:
    """A broker goes, and what was noted of it as a node of the quorum with it."""
    gone = brokers.unregister(image, broker_id)
    return Result((*gone.records, *quorum.forget(image, broker_id).records), None)
