"""What the nodes of a quorum say to each other, read off the wire.

Lives here: frames of PeerMessage out of the bytes that a process writes. Must not live here: what is thought of them.

Whatever was written counts as told, though the network may lose it: its sender cannot take it back.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, cast
from weakref import WeakKeyDictionary

from cordwood.consensus.wire import decode
from cordwood.wire.compiler import decoder
from cordwood.wire.header import parse_request_header
from cordwood.wire.messages.peer_message import PeerMessageRequest

if TYPE_CHECKING:
    from cordwood.consensus.wire import GroupMessage
    from cordwood.sim.transport import SimTransport

LARGEST: Final = 64 << 20
_KEY: Final = PeerMessageRequest.api_key.to_bytes(2, "big")


class Overhearing:
    """For `Network.overhear`; `told` is called with each message, in the step in which it is written."""

    def __init__(self, told: Callable[[GroupMessage], None]) -> None:
        self._told = told
        self._unfinished: WeakKeyDictionary[SimTransport, bytearray] = WeakKeyDictionary()

    def __call__(self, end: SimTransport, data: bytes) -> None:
        """Bytes are written to a connection."""
        held = self._unfinished.setdefault(end, bytearray())
        held += data
        start = 0
        while len(held) - start >= 4:
            stop = start + 4 + int.from_bytes(held[start : start + 4], "big")
            if stop > len(held):
                break
            self._take(memoryview(bytes(held[start + 4 : stop])))
            start = stop
        del held[:start]

    def _take(self, frame: memoryview) -> None:
        if frame[:2] != _KEY:
            return
        request, _ = decoder(PeerMessageRequest, 0)(frame, parse_request_header(frame).size)
        self._told(decode(bytes(cast("memoryview", request.frame)), LARGEST))
