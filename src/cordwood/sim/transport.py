"""One end of a simulated connection, as asyncio's protocols know it.

Lives here: the calls between a protocol and its transport, flow control, and the ways in which a connection ends. Must not
live here: the way of the bytes (`pipe`).

| the end comes by        | this side's protocol is told     | the other side learns of it by |
|-------------------------|----------------------------------|--------------------------------|
| close                   | once all is sent, without error  | the end of the bytes           |
| abort                   | without error                    | a reset                        |
| a reset that arrives    | ConnectionResetError             |                                |
| nothing acknowledged    | TimeoutError                     | nothing, until it writes       |
| death of the process    |                                  | a reset                        |
| power failure           |                                  | a reset, when it writes to a host that is up again |
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final, TypeVarTuple, cast

from cordwood.sim.pipe import Pipe

if TYPE_CHECKING:
    from cordwood.sim.network import Network
    from cordwood.sim.process import Process

Ts = TypeVarTuple("Ts")

HIGH_WATER_BYTES: Final = 64 * 1024
READ_BYTES: Final = 64 * 1024


class SimTransport(asyncio.Transport):
    """One end. `sockname` and `peername` are (address, port)."""

    def __init__(self, network: Network, process: Process, names: tuple[tuple[str, int], tuple[str, int]]) -> None:
        super().__init__({"sockname": names[0], "peername": names[1], "socket": None})
        self._network = network
        self._process = process
        self._protocol: asyncio.BaseProtocol
        self._incoming: Pipe
        self._outgoing: Pipe
        self.peer: SimTransport
        self._high = HIGH_WATER_BYTES
        self._low = HIGH_WATER_BYTES // 4
        self._is_reading = True
        self._writing_paused = False
        self._is_closing = False
        self._is_lost = False
        self._saw_end = False
        self._feeding = False

    def join(self, peer: SimTransport, incoming: Pipe, outgoing: Pipe) -> None:
        """Puts two ends together."""
        self.peer, self._incoming, self._outgoing = peer, incoming, outgoing

    def open(self, protocol: asyncio.BaseProtocol) -> None:
        """Hands the connection to its protocol, in the process that it belongs to."""
        self._protocol = protocol
        protocol.connection_made(self)
        self._soon_feed()

    # What pipes tell.

    @property
    def host(self) -> str:
        """The name of the host that it is on."""
        return self._process.host

    @property
    def process(self) -> Process:
        """The process that it belongs to."""
        return self._process

    @property
    def is_open(self) -> bool:
        """Whether somebody takes what arrives: a closed socket answers with a reset."""
        return not self._is_closing and self._process.alive

    def arrived(self) -> None:
        """Something can be read."""
        self._soon_feed()

    def drained(self) -> None:
        """Less is waiting to be sent than before."""
        if self._writing_paused and self.get_write_buffer_size() <= self._low:
            self._soon(self._resume_writing)
        if self._is_closing and not self._outgoing.waiting:
            self._lose(None)

    def broken(self, error: OSError) -> None:
        """The network gives the connection up."""
        if not self._is_lost:
            self._network.note("breaks", host=self.host, peer=self.peer.host, error=type(error).__name__)
            self._lose(error)

    # The protocol's side: reading.

    def _soon(self, callback: Callable[[*Ts], object], *args: *Ts) -> None:
        self._network.loop.call_soon(callback, *args, context=self._process.context)

    def _soon_feed(self) -> None:
        if not self._feeding:
            self._feeding = True
            self._soon(self._feed)

    def _feed(self) -> None:
        """Gives the protocol what arrived: one read's worth, then others have their turn."""
        self._feeding = False
        if not self._is_reading or self._is_closing or not hasattr(self, "_protocol"):
            return
        arrivals = self._incoming.arrivals
        if arrivals:
            self._read(arrivals)
            self._incoming.taken()
            if self._incoming.arrivals or self._incoming.end_arrived:
                self._soon_feed()
        elif self._incoming.end_arrived and not self._saw_end:
            self._saw_end = True
            keeps_open = cast("asyncio.Protocol", self._protocol).eof_received()
            if not keeps_open:
                self.close()

    def _read(self, arrivals: bytearray) -> None:
        if isinstance(self._protocol, asyncio.BufferedProtocol):
            room = memoryview(self._protocol.get_buffer(-1))
            size = min(len(room), len(arrivals))
            room[:size] = arrivals[:size]
            del arrivals[:size]
            self._protocol.buffer_updated(size)
        else:
            data = bytes(arrivals[:READ_BYTES])
            del arrivals[: len(data)]
            cast("asyncio.Protocol", self._protocol).data_received(data)

    def is_reading(self) -> bool:
        return self._is_reading and not self._is_closing

    def pause_reading(self) -> None:
        self._is_reading = False

    def resume_reading(self) -> None:
        if not self._is_reading:
            self._is_reading = True
            self._soon_feed()

    # Writing.

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if self._is_closing or not data or not self._process.alive:
            return
        if self._outgoing.has_ended:
            raise RuntimeError("Cannot call write() after write_eof()")
        data = bytes(data)
        if self._network.overhear is not None:
            self._network.overhear(self, data)
        self._outgoing.write(data)
        if not self._writing_paused and self.get_write_buffer_size() > self._high:
            self._writing_paused = True
            self._protocol.pause_writing()

    def writelines(self, list_of_data: Iterable[bytes | bytearray | memoryview]) -> None:
        self.write(b"".join(list_of_data))

    def _resume_writing(self) -> None:
        if self._writing_paused and not self._is_lost and self.get_write_buffer_size() <= self._low:
            self._writing_paused = False
            self._protocol.resume_writing()

    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None:
        if not self._is_closing and not self._outgoing.has_ended:
            self._outgoing.end()

    def get_write_buffer_size(self) -> int:
        return len(self._outgoing.waiting)

    def get_write_buffer_limits(self) -> tuple[int, int]:
        return self._low, self._high

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """As asyncio's: the low mark is a quarter of the high one unless given. Raises ValueError."""
        if high is None:
            high = HIGH_WATER_BYTES if low is None else 4 * low
        if low is None:
            low = high // 4
        if not high >= low >= 0:
            raise ValueError(f"high ({high!r}) must be >= low ({low!r}) must be >= 0")
        self._high, self._low = high, low

    # The end.

    def is_closing(self) -> bool:
        return self._is_closing

    def close(self) -> None:
        if self._is_closing:
            return
        self._is_closing = True
        unread = bool(self._incoming.arrivals)
        if not self._outgoing.has_ended:
            self._outgoing.end()
        if unread:
            self._network.reset(self.host, self.peer)
        if not self._outgoing.waiting:
            self._lose(None)

    def abort(self) -> None:
        if self._is_lost:
            return
        self._network.reset(self.host, self.peer)
        self._outgoing.cut()
        self._lose(None)

    def _lose(self, error: OSError | None) -> None:
        if self._is_lost:
            return
        self._is_lost = self._is_closing = True
        self._network.forget(self)
        if error is not None:
            self._outgoing.cut()
        if hasattr(self, "_protocol"):
            self._soon(self._protocol.connection_lost, error)

    def die(self, *, silently: bool) -> None:
        """The process is gone; the peer hears of it unless the whole machine is."""
        self._is_lost = self._is_closing = True
        self._outgoing.cut()
        if not silently:
            self._network.reset(self.host, self.peer)

    def get_protocol(self) -> asyncio.BaseProtocol:
        return self._protocol

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self._protocol = protocol
