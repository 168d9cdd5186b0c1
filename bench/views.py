"""How a piece of a file best gets from the page cache to a socket: read or mapped.

    .venv/bin/python -m bench.views

Sends pieces of a resident file to a reader on loopback, once by pread and once by a mapped window, and tells the CPU
time of the sender for each MiB. `env.disk.VIEW_COPY_LIMIT_BYTES` stands where the two cross. JSON on stdout.
"""

from __future__ import annotations

import asyncio
import json
import mmap
import multiprocessing
import os
import socket
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Final

import uvloop

FILE_BYTES: Final = 128 << 20
SENT_BYTES: Final = 1 << 30
PIECES: Final = (4 << 10, 16 << 10, 64 << 10, 128 << 10, 256 << 10, 1 << 20)
HEADER: Final = bytes(40)

View = Callable[[int, int], "bytes | memoryview"]


def read_view(fd: int) -> View:
    """A copy by pread."""
    return lambda start, end: os.pread(fd, end - start, start)


def mapped_view(fd: int) -> View:
    """A window of the file."""

    def view(start: int, end: int) -> memoryview:
        aligned = start - start % mmap.ALLOCATIONGRANULARITY
        window = mmap.mmap(fd, end - aligned, prot=mmap.PROT_READ, offset=aligned)
        return memoryview(window)[start - aligned :]

    return view


class Sender(asyncio.Protocol):
    """Sends the file round and round, as fast as the socket takes it."""

    def __init__(self, view: View, piece: int, done: asyncio.Future[float]) -> None:
        self._view = view
        self._piece = piece
        self._done = done
        self._sent = 0
        self._blocked = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]
        self._begin = time.process_time()
        self._send()

    def pause_writing(self) -> None:
        self._blocked = True

    def resume_writing(self) -> None:
        self._blocked = False
        self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        self._done.set_result(time.process_time() - self._begin)

    def _send(self) -> None:
        while not self._blocked and self._sent < SENT_BYTES:
            start = self._sent % (FILE_BYTES - self._piece)
            self._transport.writelines([HEADER, self._view(start, start + self._piece)])
            self._sent += self._piece
        if self._sent >= SENT_BYTES:
            self._transport.close()


def drain(port: int) -> None:
    """Reads everything, in a process of its own."""
    room = mmap.mmap(-1, 1 << 20)
    with socket.create_connection(("127.0.0.1", port)) as connection:
        while connection.recv_into(room):
            pass


async def cpu_seconds(view: View, piece: int) -> float:
    """CPU time of the sender."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[float] = loop.create_future()
    server = await loop.create_server(lambda: Sender(view, piece, done), "127.0.0.1", 0)
    reader = multiprocessing.get_context("spawn").Process(target=drain, args=(server.sockets[0].getsockname()[1],))
    reader.start()
    seconds = await done
    reader.join()
    server.close()
    return seconds


def main() -> None:
    """Measures every size both ways."""
    with tempfile.NamedTemporaryFile() as file:
        for _ in range(FILE_BYTES >> 20):
            file.write(os.urandom(1 << 20))
        file.flush()
        results = []
        for piece in PIECES:
            row: dict[str, float] = {"piece_bytes": piece}
            for name, view in (("read", read_view(file.fileno())), ("mapped", mapped_view(file.fileno()))):
                seconds = uvloop.run(cpu_seconds(view, piece))
                row[f"{name}_us_per_mib"] = round(seconds / (SENT_BYTES >> 20) * 1e6, 1)
            results.append(row)
            print(row, file=sys.stderr)
    print(json.dumps(results))


if __name__ == "__main__":
    main()
