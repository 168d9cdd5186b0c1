"""A listening socket of the simulated network.

Lives here: which protocol a new connection gets, and asyncio's interface of a server. Must not live here: the handshake
(`network`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from cordwood.sim.network import Network
    from cordwood.sim.process import Process
    from cordwood.sim.transport import SimTransport


class SimSocket(NamedTuple):
    """What one may ask a listening socket."""

    name: tuple[str, int]

    def getsockname(self) -> tuple[str, int]:
        """Address and port."""
        return self.name


class SimServer(asyncio.AbstractServer):
    """One port of one host. Until it serves, whoever connects is refused."""

    def __init__(
        self,
        network: Network,
        process: Process,
        protocol_factory: Callable[[], asyncio.BaseProtocol],
        name: tuple[str, int],
        backlog: int,
    ) -> None:
        self._network = network
        self.process = process
        self._protocol_factory = protocol_factory
        self._name = name
        self._backlog = backlog
        self._accepting = 0
        self._serving = False
        self._open = True

    @property
    def sockets(self) -> tuple[SimSocket, ...]:
        """Its one socket, while it is open."""
        return (SimSocket(self._name),) if self._open else ()

    @property
    def has_room(self) -> bool:
        """Whether another connection may wait to be accepted."""
        return self._accepting < self._backlog

    def accept(self, transport: SimTransport) -> None:
        """A connection came in; its process takes it when it gets to it."""
        self._accepting += 1
        self._network.loop.call_soon(self._open_connection, transport, context=self.process.context)

    def _open_connection(self, transport: SimTransport) -> None:
        self._accepting -= 1
        if self._open:
            transport.open(self._protocol_factory())
        else:
            transport.abort()

    def is_serving(self) -> bool:
        return self._serving and self._open and self.process.alive

    def serve(self) -> None:
        """Lets connections in."""
        self._serving = True

    async def start_serving(self) -> None:
        self.serve()

    async def serve_forever(self) -> None:
        """Serves until it is cancelled."""
        self.serve()
        await self._network.loop.create_future()

    def close(self) -> None:
        """Open connections live on."""
        if self._open:
            self._open = False
            self._network.unlisten(self)

    async def wait_closed(self) -> None:
        """Closing takes no time here."""

    @property
    def port(self) -> int:
        """The port that it has."""
        return self._name[1]

    def get_loop(self) -> asyncio.AbstractEventLoop:
        return self._network.loop
