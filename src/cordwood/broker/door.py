"""The door in front of the dispatcher: before the broker is ready, only its peers are let in.

Lives here: who is let in when. Must not live here: what requests mean.

Brokers that start together need each other to have metadata, and no client is served without metadata. The door costs
nothing once it is open: `handle` is then the dispatcher's own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from cordwood.broker.context import Context, Session, Threshold
from cordwood.broker.dispatch import PEER_HANDLERS, Dispatcher, Parts
from cordwood.model.errors import ProtocolError

STARTING: Final = "the broker is starting, and lets in nobody but other brokers"


class Door:
    """The service behind the Kafka listeners, from their first connection on. At first nobody is let in."""

    handle: Callable[[Session, memoryview], Parts | asyncio.Future[Parts] | None]
    """Answers one frame. Raises ProtocolError if it is no request that is let in."""

    def __init__(self) -> None:
        self.handle = self._refuse

    def let_peers_in(self, threshold: Threshold) -> None:
        """Other brokers may speak, and nobody else."""
        self.handle = Dispatcher(threshold, PEER_HANDLERS, otherwise=STARTING).handle

    def open(self, context: Context) -> None:
        """Lets everybody in, those who are connected already among them."""
        self.handle = Dispatcher(context).handle

    def open_session(self, listener: str, peer: str, mute: Callable[[int], None]) -> Session:
        """A connection begins; `mute` stops the reading of it for so many milliseconds."""
        return Session(listener, peer, mute)

    def close_session(self, session: Session) -> None:
        """A connection ended."""
        session.end()

    def _refuse(self, session: Session, frame: memoryview) -> None:
        raise ProtocolError("the broker is starting, and lets nobody in")
