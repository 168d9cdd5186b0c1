"""Asking the coordinators of transactional ids on behalf of a request.

    coordinators.run(command)    -> the answer of this broker, if it coordinates the id
    coordinators.ask(command)    -> the answer of whichever broker coordinates it

Either may be there now or come later; an error is an answer. While the markers of an id's last transaction are being
written, its coordinator answers CONCURRENT_TRANSACTIONS, which is over in a moment: so the asker waits here for as long as
the settings say (KIP-890) instead of being sent away to come again.

Lives here: the way to the coordinator, and that wait. Must not live here: what is asked, what is made of the answer.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final, Protocol

from cordwood.broker.later import Later
from cordwood.env.clock import Clock
from cordwood.model.errors import CordwoodError
from cordwood.model.group_errors import CoordinatorNotAvailable
from cordwood.model.ids import BrokerId
from cordwood.model.transaction_errors import ConcurrentTransactions
from cordwood.txns.commands import AddPartitions, Command, VerifyPartitions


class Coordinator(Protocol):
    """The transaction coordinator of this broker."""

    def run(self, transactional_id: str, command: Command) -> Any:  # noqa: ANN401 - the command knows what answers it.
        """The answer, or a future of it; a CordwoodError where it failed, which also may be raised."""
        ...

    def leader_of(self, transactional_id: str) -> BrokerId:
        """The broker that coordinates an id. Raises CoordinatorNotAvailable."""
        ...

    async def over(self, transactional_id: str, within_ms: float) -> None:
        """Returns when no marker of the id's transaction is owed any more, or so much time has passed."""
        ...


class Peers(Protocol):
    """The coordinators of other brokers, which are asked by AddPartitionsToTxn."""

    async def ask(self, broker: BrokerId, command: AddPartitions | VerifyPartitions) -> Any:  # noqa: ANN401 - as `run`.
        """The answer, or an error of the way there and back. Raises nothing."""
        ...


class NoPeers:
    """A broker that cannot ask others."""

    async def ask(self, broker: BrokerId, command: AddPartitions | VerifyPartitions) -> CordwoodError:
        """Says so."""
        return CoordinatorNotAvailable(command.transactional_id, f"this broker has no channel to broker {broker}")


NO_PEERS: Final = NoPeers()


class Coordinators:
    """Those of all brokers. Used on the event loop's thread."""

    def __init__(
        self,
        own: Coordinator,
        *,
        broker_id: BrokerId,
        wait_limit_ms: int,
        clock: Clock,
        loop: asyncio.AbstractEventLoop,
        peers: Peers = NO_PEERS,
    ) -> None:
        self._own = own
        self._broker_id = broker_id
        self._wait_limit_ms = wait_limit_ms
        self._clock = clock
        self._loop = loop
        self._peers = peers

    def ask(self, command: AddPartitions | VerifyPartitions) -> Later[Any]:
        """The answer of the broker that coordinates the id, or CoordinatorNotAvailable if that cannot be asked."""
        try:
            leader = self._own.leader_of(command.transactional_id)
        except CordwoodError as error:
            return error
        if leader == self._broker_id:
            return self.run(command)
        return self._loop.create_task(self._peers.ask(leader, command))

    def run(self, command: Command) -> Later[Any]:
        """The answer of this broker; NotCoordinator if another one coordinates the id."""
        reply = self._once(command)
        if isinstance(reply, asyncio.Future | ConcurrentTransactions):
            return self._loop.create_task(self._settled(command, reply))
        return reply

    def _once(self, command: Command) -> Later[Any]:
        try:
            return self._own.run(command.transactional_id, command)
        except CordwoodError as error:
            return error

    async def _settled(self, command: Command, reply: Later[Any]) -> Any:  # noqa: ANN401 - see `Coordinator.run`.
        """The answer when no markers are in its way, or the time for that is over."""
        deadline = self._clock.monotonic() + self._wait_limit_ms / 1000
        while True:
            answer = await reply if isinstance(reply, asyncio.Future) else reply
            left_ms = (deadline - self._clock.monotonic()) * 1000
            if not isinstance(answer, ConcurrentTransactions) or left_ms <= 0:
                return answer
            await self._own.over(command.transactional_id, left_ms)
            reply = self._once(command)
