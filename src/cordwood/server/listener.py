"""A listening socket and the connections that came through it.

Lives here: accepting, counting, refusing, sweeping idle connections, draining. Must not live here: what the bytes say,
and who comes too often (the `Admission` knows).
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Generic, Protocol

from cordwood.server.connection import Connection, S, Service

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ListenerConfig:
    """One listener: its name (PLAINTEXT), the address to bind and the bounds of its connections."""

    name: str
    host: str
    port: int
    frame_limit_bytes: int = 100 * 1024 * 1024
    requests_limit: int = 500
    connections_limit: int = 10_000
    connections_per_address_limit: int = 10_000
    address_overrides: Mapping[str, int] = field(default_factory=dict)
    idle_limit_ms: int = 600_000
    backlog: int = 512


class Admission(Protocol):
    """Who may come how often."""

    def admit(self, address: str, now: float) -> tuple[float, bool]:
        """How many seconds a new connection from this address waits, unread, and whether it is then let in or closed.

        `now` is the time of the event loop.
        """
        ...


class Everybody:
    """Lets everybody in."""

    def admit(self, address: str, now: float) -> tuple[float, bool]:
        """Lets this one in."""
        return 0.0, True


class Listener(Generic[S]):
    """Accepts connections for one service until it is drained."""

    def __init__(self, service: Service[S], config: ListenerConfig, admission: Admission | None = None) -> None:
        self._service = service
        self._config = config
        self._admission = admission or Everybody()
        self._connections: dict[Connection[Any], None] = {}  # In the order of their coming, also where they are closed.
        self._addresses: Counter[str] = Counter()
        self._server: asyncio.Server | None = None
        self._sweeper: asyncio.TimerHandle | None = None
        self._all_closed = asyncio.Event()
        self.accepted_total = 0
        self.refused_total = 0

    @property
    def config(self) -> ListenerConfig:
        return self._config

    @property
    def connection_count(self) -> int:
        return len(self._connections)

    @property
    def port(self) -> int:
        """The port that was bound, also where the configuration said 0."""
        assert self._server is not None, "the listener was not bound"
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    def limit(self, connections: int, per_address: int) -> None:
        """From now on no more connections than these come in, in all and from one address; those that are there stay."""
        self._config = replace(self._config, connections_limit=connections, connections_per_address_limit=per_address)

    async def bind(self) -> None:
        """Takes the address, so that the port is known; nobody is let in yet. Raises OSError if it is taken."""
        config = self._config
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            self._new_connection,
            config.host or None,
            config.port,
            backlog=config.backlog,
            reuse_address=True,
            start_serving=False,
        )

    async def serve(self) -> None:
        """Lets clients in."""
        assert self._server is not None, "the listener was not bound"
        await self._server.start_serving()
        self._schedule_sweep()

    def _new_connection(self) -> Connection[S]:
        config = self._config
        return Connection(
            self._service,
            config.name,
            self,
            frame_limit_bytes=config.frame_limit_bytes,
            requests_limit=config.requests_limit,
        )

    # What a connection tells.

    def opened(self, connection: Connection[Any]) -> None:
        """Counts a new connection, or refuses it when there are too many."""
        host = connection.peer.rpartition(":")[0]
        self._connections[connection] = None
        self._addresses[host] += 1
        self._all_closed.clear()
        self.accepted_total += 1
        if len(self._connections) > self._config.connections_limit:
            self._refuse(connection, "max.connections is reached")
        elif self._addresses[host] > self._most_of(host):
            self._refuse(connection, "max.connections.per.ip is reached")
        else:
            self._admit(connection, host)

    def _most_of(self, host: str) -> int:
        return self._config.address_overrides.get(host, self._config.connections_per_address_limit)

    def _admit(self, connection: Connection[Any], host: str) -> None:
        """Others come in meanwhile: only this connection waits."""
        wait_s, let_in = self._admission.admit(host, asyncio.get_running_loop().time())
        if let_in and wait_s > 0:
            connection.mute(math.ceil(wait_s * 1000))
        elif wait_s > 0:
            connection.close_after(math.ceil(wait_s * 1000))
        elif not let_in:
            self._refuse(connection, "too many wait to be let in")

    def _refuse(self, connection: Connection[Any], reason: str) -> None:
        self.refused_total += 1
        logger.warning("refused the connection of %s: %s", connection.peer, reason)
        connection.abort()

    def closed(self, connection: Connection[Any]) -> None:
        """Forgets a connection."""
        host = connection.peer.rpartition(":")[0]
        self._connections.pop(connection, None)
        self._addresses[host] -= 1
        if not self._addresses[host]:
            del self._addresses[host]
        if not self._connections:
            self._all_closed.set()

    # Idle connections.

    def _schedule_sweep(self) -> None:
        loop = asyncio.get_running_loop()
        self._sweeper = loop.call_later(self._config.idle_limit_ms / 1000, self._sweep)

    def _sweep(self) -> None:
        """Closes what was silent for one to two idle limits and gives memory back."""
        for connection in list(self._connections):
            if not connection.active and not connection.muted:
                connection.drain()
            connection.active = False
            connection.shrink()
        self._schedule_sweep()

    # The end.

    async def stop_accepting(self) -> None:
        """Closes the listening socket; open connections live on."""
        if self._sweeper is not None:
            self._sweeper.cancel()
        if self._server is not None:
            self._server.close()

    async def drain(self, timeout_ms: int) -> None:
        """Lets every connection answer what it owes, `timeout_ms` at most, then closes it."""
        for connection in list(self._connections):
            connection.drain()
        if self._connections:
            try:
                await asyncio.wait_for(self._all_closed.wait(), timeout_ms / 1000)
            except TimeoutError:
                logger.warning("%d connections did not close in time and were cut", len(self._connections))
        for connection in list(self._connections):
            connection.abort()
