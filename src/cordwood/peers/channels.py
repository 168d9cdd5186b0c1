"""The channels of a broker to all its peers, by their numbers.

Lives here: which peers may be asked, and where they are by the newest metadata. Must not live here: one channel
(`channel`), and what is asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING

from cordwood.model.peer_errors import PeerUnavailable
from cordwood.peers.channel import Channel

if TYPE_CHECKING:
    from cordwood.peers.dialing import Dialer
    from cordwood.peers.identity import Peer
    from cordwood.wire.schema import Message


class Channels:
    """One channel for each peer that was ever asked and is still there."""

    def __init__(self, dialer: Dialer, own_id: int) -> None:
        self._dialer = dialer
        self._own_id = own_id
        self._peers: dict[int, Peer] = {}
        self._channels: dict[int, Channel] = {}
        self._closing: set[asyncio.Task[None]] = set()

    async def ask(self, node_id: int, message: Message, version: int) -> Message:
        """The peer's answer. Raises as `Channel.request`, and PeerUnavailable for a broker that the metadata do not know."""
        channel = self._channels.get(node_id)
        if channel is None:
            peer = self._peers.get(node_id)
            if peer is None:
                raise PeerUnavailable(node_id, "the metadata do not say where it is")
            channel = self._channels[node_id] = Channel(peer, self._dialer)
        return await channel.request(message, version)

    def follow(self, members: Iterable[Peer]) -> None:
        """The metadata name these brokers, this one perhaps among them. Who left or moved is asked there no more."""
        self._peers = {peer.node_id: peer for peer in members if peer.node_id != self._own_id}
        for node_id, channel in list(self._channels.items()):
            if self._peers.get(node_id) != channel.peer:
                self._drop(node_id)

    async def close(self) -> None:
        """Ends all of them. What waits for an answer fails."""
        self.follow(())
        await asyncio.gather(*self._closing)

    def _drop(self, node_id: int) -> None:
        closing = self._dialer.loop.create_task(self._channels.pop(node_id).close())
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)
