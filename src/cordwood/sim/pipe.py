"""One direction of a connection: bytes in order, in pieces of any size, each some time under way.

      write ──> waiting (the sender's) ──> under way (the wire's) ──> arrived (the receiver's) ──> the protocol
                flow control sees this     at most a window of these two

A piece that the network loses or cannot carry is sent again, later and later, as TCP does; what comes after waits behind
it, so bytes are never missing and never out of order. After `retransmit_limit_ms` the sender's connection fails.

Lives here: the bytes of one direction. Must not live here: who may reach whom (`network`), asyncio's calls (`transport`).
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from cordwood.sim.network import Network
    from cordwood.sim.process import Process

WHOLE_BYTES: Final = 16 * 1024
"""A piece has at most so many bytes."""

FIRST_RETRY_US: Final = 200_000
LAST_RETRY_US: Final = 5_000_000


class End(Protocol):
    """One end of a connection, as its pipes see it."""

    @property
    def host(self) -> str:
        """The host that it is on."""
        ...

    @property
    def process(self) -> Process:
        """Whose it is."""
        ...

    @property
    def is_open(self) -> bool:
        """Whether somebody takes what arrives."""
        ...

    def arrived(self) -> None:
        """Bytes or the end of them arrived."""
        ...

    def drained(self) -> None:
        """Bytes that waited have been sent."""
        ...

    def broken(self, error: OSError) -> None:
        """The connection is over."""
        ...


class Pipe:
    """The bytes from one end to the other. `None` among the pieces is their end."""

    def __init__(self, network: Network, sender: End, receiver: End) -> None:
        self._network = network
        self._sender = sender
        self._receiver = receiver
        self.waiting = bytearray()
        """Written and not yet sent."""
        self.has_ended = False
        """The sender writes no more."""
        self._end_sent = False
        self._pieces: deque[bytes | None] = deque()
        self._under_way = 0
        self._is_carrying = False
        self.arrivals = bytearray()
        """Arrived and not yet taken."""
        self.end_arrived = False
        self._is_cut = False

    def write(self, data: bytes) -> None:
        """Takes bytes to send."""
        self.waiting += data
        self.pump()

    def end(self) -> None:
        """No bytes come after those written so far."""
        self.has_ended = True
        self.pump()

    def cut(self) -> None:
        """Nothing of it arrives any more."""
        self._is_cut = True
        self.waiting.clear()
        self._pieces.clear()

    def taken(self) -> None:
        """The receiver took what arrived: there is room in the window."""
        if self.waiting or self.has_ended:
            self.pump()

    def pump(self) -> None:
        """Sends what fits into the window, in pieces as the dice fall."""
        if self._is_cut:
            return
        room = self._network.conditions.window_bytes - self._under_way - len(self.arrivals)
        sent = 0
        while sent < len(self.waiting) and room > 0:
            size = self._piece_size(min(len(self.waiting) - sent, room))
            self._pieces.append(bytes(self.waiting[sent : sent + size]))
            self._under_way += size
            room -= size
            sent += size
        del self.waiting[:sent]
        if self.has_ended and not self.waiting and not self._end_sent:
            self._end_sent = True
            self._pieces.append(None)
        self._carry()
        if sent:
            self._sender.drained()

    def _piece_size(self, largest: int) -> int:
        dice = self._network.dice
        if dice.below(4):
            return min(largest, WHOLE_BYTES)
        return 1 + dice.below(min(largest, WHOLE_BYTES))

    def _carry(self) -> None:
        if self._pieces and not self._is_carrying:
            self._is_carrying = True
            piece = self._pieces[0]
            delay = self._network.delay_us(self._sender.host, self._receiver.host, len(piece or b""))
            self._network.loop.after_us(delay, self._arrive, FIRST_RETRY_US, 0)

    def _arrive(self, retry_us: int, waited_us: int) -> None:
        """The first piece is there, unless it got lost on the way."""
        if self._is_cut or not self._pieces:
            self._is_carrying = False
            return
        network = self._network
        source, target = self._sender.host, self._receiver.host
        if not network.reaches(source, target) or network.loses():
            if waited_us >= network.conditions.retransmit_limit_ms * 1000:
                self._sender.broken(TimeoutError(f"{target} does not acknowledge what it is sent"))
                return
            network.count("retransmissions")
            network.loop.after_us(retry_us, self._arrive, min(2 * retry_us, LAST_RETRY_US), waited_us + retry_us)
            return
        self._is_carrying = False
        self._deliver(self._pieces.popleft())
        self._carry()

    def _deliver(self, piece: bytes | None) -> None:
        if piece is not None:
            self._under_way -= len(piece)
        if not self._receiver.is_open:
            if piece is not None:
                self._network.reset(self._receiver.host, self._sender)
            return
        if piece is None:
            self.end_arrived = True
        else:
            self._network.note("arrives", source=self._sender.host, target=self._receiver.host, size=len(piece))
            self.arrivals += piece
        self._receiver.arrived()
