"""The peers of a node: the way to them and from them, for the group that keeps the metadata.

      driver ──send──> links ──> peers                      metadata: who they are, where they are
      driver <─receive── reception <── door <── peers

Lives here: how `peers`, `consensus` and the metadata fit together. Must not live here: connections, and what messages say.

1. A message counts as its sender's only if the connection that it came by is that broker's.
2. Until a group takes part (`attach`), what comes is dropped: it would be sent again anyway.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from cordwood.consensus.wire import GroupMessage, decode, encode
from cordwood.controller.members import node_of
from cordwood.metadata import EMPTY, Image
from cordwood.model.consensus_errors import InvalidPeerMessage
from cordwood.model.errors import ProtocolError
from cordwood.peers.channels import Channels
from cordwood.peers.dialing import Dialer
from cordwood.peers.identity import NO_DIRECTORY, Identity, Peer
from cordwood.peers.links import Links
from cordwood.peers.reception import Reception
from cordwood.raft import Message, NodeId

if TYPE_CHECKING:
    from cordwood.env.dice import Dice
    from cordwood.metadata import Endpoint
    from cordwood.peers.config import PeerConfig

Receive = Callable[[GroupMessage], None]

CHANGE_LIMIT_MS: Final = 660_000
"""How long a peer may take for a change of the quorum: a minute more than any is given."""


class Peering:
    """The transport of a node's group, and what receives for it."""

    def __init__(
        self,
        node_id: int,
        directory_id: bytes,
        cluster_id: str,
        endpoint: Endpoint,
        config: PeerConfig,
        max_message_bytes: int,
        *,
        loop: asyncio.AbstractEventLoop,
        dice: Dice,
    ) -> None:
        """`cluster_id` is the one that the configuration names, or empty; that of the metadata counts before it."""
        self._node_id = node_id
        self._directory_id = directory_id
        self._cluster_id = cluster_id
        self._endpoint = endpoint
        self._max_message_bytes = max_message_bytes
        self._image: Image = EMPTY
        self._receive: Receive | None = None
        self.dialer = Dialer(loop, dice, self._identity, config)
        self.links = Links(self.dialer, node_id)
        self.channels = Channels(self.dialer, node_id)
        patient = replace(config, answer_timeout_ms=CHANGE_LIMIT_MS)
        self.slow_channels = Channels(Dialer(loop, dice, self._identity, patient), node_id)
        """For requests that take their time: on the other channels what is asked next would wait behind them."""
        self.reception = Reception(self._identity, self._noted_directory, self.links.called, self._take)

    def attach(self, receive: Receive) -> None:
        """The group takes part from now on."""
        self._receive = receive

    def follow(self, image: Image) -> None:
        """The metadata are these now: who left is not talked to any more, who came or moved is."""
        nodes = image.quorum_nodes
        if nodes is not self._image.quorum_nodes:
            peers = [
                Peer(node.id, node.endpoint.host, node.endpoint.port, node.directory_id) for node in nodes.values()
            ]
            self.links.follow(peers)
            self.channels.follow(peers)
            self.slow_channels.follow(peers)
        self._image = image

    def send(self, to: NodeId, message: Message) -> bool:
        """For `consensus.transport.Transport`."""
        node_id = node_of(to)
        return node_id is not None and self.links.send(node_id, encode(message))

    async def close(self) -> None:
        """Ends all links and channels; what comes is dropped."""
        self._receive = None
        await self.links.close()
        await self.channels.close()
        await self.slow_channels.close()

    def _identity(self) -> Identity:
        return Identity(
            self._image.cluster_id or self._cluster_id,
            self._node_id,
            self._directory_id,
            self._endpoint.host,
            self._endpoint.port,
        )

    def _noted_directory(self, node_id: int) -> bytes:
        node = self._image.quorum_nodes.get(node_id)
        return NO_DIRECTORY if node is None else node.directory_id

    def _take(self, sender: int, frame: memoryview) -> bool:
        try:
            message = decode(frame, self._max_message_bytes)
        except InvalidPeerMessage:
            return False
        if node_of(message.sender) != sender:
            raise ProtocolError(f"broker {sender} sent a message in the name of {node_of(message.sender)}")
        if self._receive is not None:
            self._receive(message)
        return True
