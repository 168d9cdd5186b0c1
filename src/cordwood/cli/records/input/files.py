"""The files of input, one after the other, and how large they are together.

Lives here: opening and waiting. Must not live here: what their bytes mean.
"""

from __future__ import annotations

import os
import select
import stat
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

STDIN: Final = "-"
IDLE_MS: Final = 50
"""How long is waited for input before something else may be done."""


@contextmanager
def opened(path: str) -> Iterator[BinaryIO]:
    """A file to read from; `-` is standard input, which stays open."""
    if path == STDIN:
        yield sys.stdin.buffer
        return
    with open(path, "rb") as file:
        yield file


def total_bytes(paths: Sequence[str]) -> int | None:
    """How large the files are; None where one is a pipe or a terminal. Raises OSError."""
    total = 0
    for path in paths:
        with opened(path) as file:
            descriptor = _descriptor(file)
            status = None if descriptor is None else os.fstat(descriptor)
        if status is None or not stat.S_ISREG(status.st_mode):
            return None
        total += status.st_size
    return total


class Patient:
    """A stream that calls `idle` while nothing comes; what that raises ends the waiting."""

    def __init__(self, file: BinaryIO, idle: Callable[[], None]) -> None:
        self._file = file
        self._idle = idle
        self._ready = select.poll()
        descriptor = _descriptor(file)
        self._may_wait = descriptor is not None
        if descriptor is not None:
            self._ready.register(descriptor, select.POLLIN)

    def read1(self, size: int = -1, /) -> bytes:
        """Some bytes; none at the end."""
        while self._may_wait and not self._ready.poll(IDLE_MS):
            self._idle()
        return self._file.read1(size)  # type: ignore[attr-defined, no-any-return] # Buffered ones have it.


def _descriptor(file: BinaryIO) -> int | None:
    """The file's number; None if it is in memory."""
    try:
        return file.fileno()
    except OSError:
        return None
