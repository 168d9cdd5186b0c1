"""The listening sockets of a node, and the door behind them.

Lives here: their life, and the addresses that come of it. Must not live here: who is let in (`broker.door`), connections
(`server`).
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from cordwood.broker.door import Door
from cordwood.metadata import Endpoint
from cordwood.model.settings import broker_number
from cordwood.node.endpoints import endpoints_of
from cordwood.server.listener import Listener, ListenerConfig

if TYPE_CHECKING:
    from cordwood.broker.context import Session
    from cordwood.model.settings import Layers
    from cordwood.node.configuration import NodeConfig
    from cordwood.server.listener import Admission

DRAIN_LIMIT_MS: Final = 10_000
"""How long a stop waits for answers in flight before connections are cut."""


class Ports:
    """All listeners of one node. The door is closed at first."""

    def __init__(self, config: NodeConfig, admission: Admission | None = None) -> None:
        self._config = config
        self._admission = admission
        self._listeners: list[Listener[Session]] = []
        self.door = Door()

    async def bind(self) -> None:
        """Takes the addresses, so that the ports are known. Raises OSError."""
        config = self._config
        for address in config.listeners:
            listener: Listener[Session] = Listener(
                self.door,
                ListenerConfig(
                    name=address.listener,
                    host=address.host,
                    port=address.port,
                    frame_limit_bytes=config.request_max_bytes,
                    requests_limit=config.requests_in_flight,
                    connections_limit=config.max_connections,
                    connections_per_address_limit=config.max_connections_per_ip,
                    address_overrides=config.quotas.address_overrides,
                    idle_limit_ms=config.connection_idle_ms,
                ),
                self._admission,
            )
            await listener.bind()
            self._listeners.append(listener)

    def follow(self, layers: Layers) -> None:
        """From now on as many connections come in as these settings say."""
        most, per_address = (broker_number(name, layers) for name in ("max.connections", "max.connections.per.ip"))
        for listener in self._listeners:
            listener.limit(most, per_address)

    async def serve(self) -> None:
        """Takes connections; what they may say is up to the door."""
        for listener in self._listeners:
            await listener.serve()

    async def stop_accepting(self) -> None:
        """Takes no more connections; those that are there live on."""
        for listener in self._listeners:
            await listener.stop_accepting()

    async def drain(self) -> None:
        """Closes every connection as soon as it has its answers."""
        await asyncio.gather(*(listener.drain(DRAIN_LIMIT_MS) for listener in self._listeners))

    @property
    def endpoints(self) -> list[Endpoint]:
        """The advertised addresses, one for each listener."""
        ports = [listener.port for listener in self._listeners]
        return endpoints_of(self._config.listeners, self._config.advertised, ports)

    @property
    def peer_endpoint(self) -> Endpoint:
        """Where the other members of the quorum reach this node.

        That is what controller.quorum.voters says of it, which every member can reach, as long as it has that port; else
        what clients are told of the first listener.
        """
        config, endpoints = self._config, self.endpoints
        first = endpoints[0]
        ports = {port for _, port in self.bound} | {endpoint.port for endpoint in endpoints}
        for voter in config.voters:
            if voter.id == config.node_id and voter.place.port in ports:
                return Endpoint(first.listener, voter.place.host, voter.place.port, first.protocol)
        return first

    @property
    def bound(self) -> list[tuple[str, int]]:
        """Host and port of each listening socket."""
        return [(listener.config.host, listener.port) for listener in self._listeners]

    @property
    def connection_counts(self) -> list[tuple[str, int, int, int]]:
        """For each listener: its name, connections open now, accepted and refused since the start."""
        return [
            (listener.config.name, listener.connection_count, listener.accepted_total, listener.refused_total)
            for listener in self._listeners
        ]
