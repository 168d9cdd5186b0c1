"""The links of a broker to all its peers.

Lives here: which peers there are and where, from two sources of which the newer word counts. Must not live here: one link
(`link`), and who may say hello (`reception`).

| source | says |
|---|---|
| the metadata | who belongs to the cluster, and the address that each registered with |
| a hello | where the one who calls is reached now: it may have moved, and not have registered yet |

Who joins has no metadata; it believes whoever calls, up to `STRANGERS_LIMIT`, until it has some.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from cordwood.peers.link import Link

if TYPE_CHECKING:
    from cordwood.peers.dialing import Dialer
    from cordwood.peers.identity import Peer

STRANGERS_LIMIT: Final = 16
"""To so many brokers one that joins opens a link because they called."""


class Links:
    """One link for each peer, by its number."""

    def __init__(self, dialer: Dialer, own_id: int) -> None:
        self._dialer = dialer
        self._own_id = own_id
        self._links: dict[int, Link] = {}
        self._told: dict[int, Peer] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._has_joined = False
        self._is_closed = False

    def __iter__(self) -> Iterator[Link]:
        return iter(self._links.values())

    def find(self, node_id: int) -> Link | None:
        """The link to a broker, if there is one."""
        return self._links.get(node_id)

    def send(self, node_id: int, message: bytes) -> bool:
        """Queues a message for a broker; False when it was dropped: nobody is there, or too much is queued."""
        link = self._links.get(node_id)
        return link is not None and link.send(message)

    def follow(self, members: Iterable[Peer]) -> None:
        """The metadata name these brokers, this one perhaps among them: what they say anew is done."""
        if self._is_closed:
            return
        told = {peer.node_id: peer for peer in members}
        self._has_joined = self._has_joined or bool(told)
        told.pop(self._own_id, None)
        for node_id in [node_id for node_id in self._links if node_id not in told]:
            self._drop(node_id)
        for node_id, peer in told.items():
            if self._told.get(node_id) != peer:
                self._reach(peer)
        self._told = told

    def called(self, peer: Peer) -> None:
        """A broker has said hello, and where it is reached. Its directory is the one noted for it."""
        if self._is_closed:
            return
        is_stranger = peer.node_id not in self._links
        if is_stranger and (self._has_joined or len(self._links) >= STRANGERS_LIMIT):
            return
        self._reach(peer)
        self._links[peer.node_id].wake()

    async def close(self) -> None:
        """Ends all links."""
        self._is_closed = True
        for node_id in list(self._links):
            self._drop(node_id)
        await asyncio.gather(*self._closing)

    def _reach(self, peer: Peer) -> None:
        """A link to where the peer is now; one that leads there stays, and asks for the directory with its next hello."""
        link = self._links.get(peer.node_id)
        if link is not None and (link.peer.host, link.peer.port) == (peer.host, peer.port):
            link.peer = peer
            return
        if link is not None:
            self._drop(peer.node_id)
        self._links[peer.node_id] = Link(peer, self._dialer)

    def _drop(self, node_id: int) -> None:
        closing = self._dialer.loop.create_task(self._links.pop(node_id).close())
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)
