"""Bytes of a stream, taken in pieces: so many of them, up to a delimiter, or digits of a number.

Lives here: the buffer, which holds no more than one record and what was read along with it. Must not live here: what the
pieces mean.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from cordwood.model.limits import INPUT_RECORD_SIZE_LIMIT_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CHUNK_BYTES: Final = 1 << 18


class InputError(Exception):
    """The input is not what was said; the message tells what is wrong."""


class Stream(Protocol):
    """What bytes are read from: `read1` returns what is there, so that a line that is typed is sent at once."""

    def read1(self, size: int = -1, /) -> bytes:
        """Some bytes; none at the end."""


class Feed:
    """What is left of a stream. Raises InputError where a record would be larger than `limit_bytes`."""

    def __init__(
        self,
        stream: Stream,
        read: Callable[[int], object] = lambda _: None,
        limit_bytes: int = INPUT_RECORD_SIZE_LIMIT_BYTES,
    ) -> None:
        self._stream = stream
        self._read = read
        self._limit_bytes = limit_bytes
        self._data = bytearray()
        self._at = 0
        self._ended = False

    def is_at_end(self) -> bool:
        """Whether nothing is left. Waits until something comes."""
        return self._at == len(self._data) and not self._more()

    def take(self, size_bytes: int) -> bytes:
        """So many bytes. Raises InputError if the stream ends before."""
        if size_bytes > self._limit_bytes:
            raise InputError(f"{size_bytes} bytes are more than the limit of {self._limit_bytes}")
        while len(self._data) - self._at < size_bytes:
            if not self._more():
                raise InputError(f"the input ends {size_bytes - len(self._data) + self._at} bytes too early")
        return self._cut(size_bytes)

    def until(self, delimiter: bytes, *, may_end: bool) -> bytes:
        """What stands before a delimiter, which is passed over; with `may_end` the stream may end in its midst."""
        searched = self._at
        while (found := self._data.find(delimiter, searched)) < 0:
            left = len(self._data) - self._at
            searched = max(self._at, len(self._data) - len(delimiter) + 1) - self._at
            if not self._more():
                if may_end:
                    return _without_beginning_of(delimiter, self._cut(left))
                raise InputError(f"the input ends before {delimiter!r}")
            searched += self._at
        result = self._cut(found - self._at)
        self._at += len(delimiter)
        return result

    def lines(self) -> Iterator[bytes]:
        """All lines without their ends; the last one needs none. Many at a time: a call for each would cost twice as much."""
        while not self.is_at_end():
            newline = self._data.rfind(b"\n")
            if newline < self._at:
                yield self.until(b"\n", may_end=True)
                continue
            complete = self._cut(newline - self._at)
            self._at += 1
            yield from complete.split(b"\n")

    def rest(self) -> bytes:
        """All that is left."""
        while self._more():
            pass
        return self._cut(len(self._data) - self._at)

    def digits(self) -> bytes:
        """A sign, perhaps, and the digits that follow."""
        end = self._at
        while True:
            while end < len(self._data) and (
                self._data[end] in b"0123456789" or (end == self._at and self._data[end] in b"-")
            ):
                end += 1
            taken = end - self._at
            if end < len(self._data) or not self._more():
                return self._cut(taken)
            end = self._at + taken

    def peek(self, passing: bytes = b"") -> bytes:
        """The next byte that is none of `passing`, which are passed over; nothing at the end."""
        while not self.is_at_end():
            byte = self._data[self._at : self._at + 1]
            if byte not in passing or not passing:
                return bytes(byte)
            self._at += 1
        return b""

    def whole(self, end_of: Callable[[bytearray, int], int]) -> bytes:
        """One thing from here on, whose end a function finds in the bytes; -1 says that more is needed.

        Raises InputError if the stream ends before.
        """
        while (end := end_of(self._data, self._at)) < 0:
            if not self._more():
                raise InputError("the input ends too early")
        return self._cut(end - self._at)

    def skip(self, literal: bytes, *, may_end: bool) -> None:
        """Passes over a literal. Raises InputError if something else stands there."""
        if may_end and self.is_at_end():
            return
        found = self.take(len(literal))
        if found != literal:
            raise InputError(f"{literal!r} was expected, {found!r} came")

    def _cut(self, size_bytes: int) -> bytes:
        result = bytes(self._data[self._at : self._at + size_bytes])
        self._at += size_bytes
        return result

    def _more(self) -> bool:
        """Reads on; False at the end."""
        if self._ended:
            return False
        if self._at:
            del self._data[: self._at]
            self._at = 0
        if len(self._data) > self._limit_bytes:
            raise InputError(f"a record is larger than the limit of {self._limit_bytes} bytes")
        chunk = self._stream.read1(CHUNK_BYTES)
        self._ended = not chunk
        self._data += chunk
        self._read(len(chunk))
        return not self._ended


def _without_beginning_of(delimiter: bytes, data: bytes) -> bytes:
    """The data without what of a delimiter stands at its end."""
    for size in range(len(delimiter) - 1, 0, -1):
        if data.endswith(delimiter[:size]):
            return data[:-size]
    return data
