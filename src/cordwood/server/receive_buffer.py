"""The buffer that a connection receives into: page-aligned, grown for large frames, given back after them.

Lives here: memory and the bytes waiting in it. Must not live here: sockets, and what the frames mean.

    0        start            end                 capacity
    |  used   | waiting bytes  |   room for recv   |

Frames are handed out as views of this memory without a copy, so a view is only good until control returns to the
connection: whoever wants to keep bytes copies them. Private anonymous mappings are used because the kernel copies into
page-aligned memory several times faster than into a bytearray, and because untouched pages cost nothing.
"""

from __future__ import annotations

import mmap
from typing import Final

INITIAL_SIZE_BYTES: Final = 64 * 1024
ROOM_MINIMUM_BYTES: Final = 4 * 1024
"""Less room than this is not worth a receive call: the waiting bytes are moved to the front first."""


class ReceiveBuffer:
    """Bytes received and not yet handled.

    Invariants: 0 <= start <= end <= capacity; `room` is never empty.
    """

    __slots__ = ("_capacity", "_memory", "end", "start", "view")

    def __init__(self) -> None:
        self.start = 0
        self.end = 0
        self._allocate(INITIAL_SIZE_BYTES)

    def _allocate(self, capacity: int) -> None:
        self._capacity = capacity
        self._memory = mmap.mmap(-1, capacity, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        self.view = memoryview(self._memory)

    @property
    def capacity(self) -> int:
        """Bytes of memory mapped."""
        return self._capacity

    def room(self) -> memoryview:
        """Where the next bytes go."""
        return self.view[self.end :]

    def received(self, count: int) -> None:
        """`count` bytes were put into the room."""
        self.end += count

    def reserve(self, size: int) -> None:
        """Makes sure that a frame of `size` bytes from `start` on fits, and that there is room to receive."""
        if self.start == self.end:
            self.start = self.end = 0
        if size > self._capacity:
            self._grow(size)
        elif self._capacity - self.start < size or self._capacity - self.end < ROOM_MINIMUM_BYTES:
            self._move_to_front()

    def shrink(self) -> None:
        """Gives the memory of large frames back, unless bytes are waiting."""
        if self.start == self.end and self._capacity > INITIAL_SIZE_BYTES:
            self.start = self.end = 0
            self._allocate(INITIAL_SIZE_BYTES)

    def _grow(self, size: int) -> None:
        """Twice the frame, so that the next one of its kind is received while this one is handled."""
        waiting = self.view[self.start : self.end]
        self._allocate(2 * max(size, INITIAL_SIZE_BYTES))
        self.end -= self.start
        self.start = 0
        self.view[: self.end] = waiting

    def _move_to_front(self) -> None:
        waiting = self.end - self.start
        self._memory.move(0, self.start, waiting)
        self.start = 0
        self.end = waiting
        if waiting == self._capacity:
            self._grow(waiting + ROOM_MINIMUM_BYTES)
