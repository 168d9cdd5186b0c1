"""The way to the peers.

Lives here: the `Transport` port, and a network inside one process for tests, simulations and groups in one program: with
bounded queues, delay, loss, damage and partitions by lot. Must not live here: sockets.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

from cordwood.consensus.wire import GroupMessage, decode, encode
from cordwood.model.consensus_errors import InvalidPeerMessage
from cordwood.raft import Message, NodeId

if TYPE_CHECKING:
    from cordwood.env.dice import Dice


class Transport(Protocol):
    """Carries messages, or drops them. Messages to one node mostly arrive in their order."""

    def send(self, to: NodeId, message: Message) -> bool:
        """Takes a message along and returns at once; False when it was dropped: the queue is full, or nobody is there.

        True promises nothing.
        """
        ...


Receive: TypeAlias = Callable[[GroupMessage], None]
"""Is given what arrives, in the loop's thread."""

Later: TypeAlias = Callable[[float, Callable[[], None]], object]
"""Calls a function after so many seconds."""

MILLION: Final = 1_000_000


@dataclass(slots=True)
class Weather:
    """What a memory network does to messages; may be changed at any time."""

    delay_min_us: int = 0
    delay_max_us: int = 0
    loss_ppm: int = 0
    """So many of a million messages are lost."""
    damage_ppm: int = 0
    """And so many arrive with a bit that is wrong."""


class MemoryNetwork:
    """A network inside one process. It carries bytes, so that nothing is shared between the nodes."""

    def __init__(self, later: Later, dice: Dice, *, queue_limit: int = 256, max_message_bytes: int = 16 << 20) -> None:
        self._later = later
        self._dice = dice
        self._queue_limit = queue_limit
        self._max_message_bytes = max_message_bytes
        self._receivers: dict[NodeId, Receive] = {}
        self._under_way: Counter[tuple[NodeId, NodeId]] = Counter()
        self._sides: dict[NodeId, int] = {}
        self.weather = Weather()
        self.seen: Counter[str] = Counter()
        """What became of messages: delivered, full, lost, parted, nobody, damaged."""

    def join(self, node: NodeId, receive: Receive) -> Transport:
        """A node is there, anew perhaps; returns its way to the others."""
        self._receivers[node] = receive
        return _Wire(self, node)

    def leave(self, node: NodeId) -> None:
        """A node is gone; what is on its way to it is lost."""
        self._receivers.pop(node, None)

    def part(self, sides: dict[NodeId, int]) -> None:
        """Only nodes of the same side hear of each other; who is not named is on side 0. Nobody named: all are joined."""
        self._sides = sides

    def send(self, sender: NodeId, to: NodeId, message: Message) -> bool:
        """For `Transport.send`."""
        link = (sender, to)
        if self._under_way[link] >= self._queue_limit:
            self.seen["full"] += 1
            return False
        frame = encode(message)
        weather = self.weather
        if self._happens(weather.loss_ppm):
            self.seen["lost"] += 1
            return True
        if self._happens(weather.damage_ppm):
            frame = self._damaged(frame)
        spread = weather.delay_max_us - weather.delay_min_us
        delay_us = weather.delay_min_us + (self._dice.below(spread + 1) if spread else 0)
        self._under_way[link] += 1
        self._later(delay_us / MILLION, lambda: self._arrive(link, frame))
        return True

    def _happens(self, ppm: int) -> bool:
        return ppm > 0 and self._dice.below(MILLION) < ppm

    def _damaged(self, frame: bytes) -> bytes:
        data = bytearray(frame)
        data[self._dice.below(len(data))] ^= 1 << self._dice.below(8)
        return bytes(data)

    def _arrive(self, link: tuple[NodeId, NodeId], frame: bytes) -> None:
        self._under_way[link] -= 1
        sender, to = link
        receive = self._receivers.get(to)
        if self._sides.get(sender, 0) != self._sides.get(to, 0):
            self.seen["parted"] += 1
        elif receive is None:
            self.seen["nobody"] += 1
        else:
            self._deliver(receive, frame)

    def _deliver(self, receive: Receive, frame: bytes) -> None:
        try:
            message = decode(frame, self._max_message_bytes)
        except InvalidPeerMessage:
            self.seen["damaged"] += 1
            return
        self.seen["delivered"] += 1
        receive(message)


class _Wire:
    """One node's way to the others."""

    def __init__(self, network: MemoryNetwork, node: NodeId) -> None:
        self._network = network
        self._node = node

    def send(self, to: NodeId, message: Message) -> bool:
        return self._network.send(self._node, to, message)
