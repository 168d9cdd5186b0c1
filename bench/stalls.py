"""How long the event loop of a broker is busy with something else, seen from outside.

Lives here: a process that asks every millisecond what is answered at once. Must not live here: what the broker is put
through meanwhile.
"""

from __future__ import annotations

import multiprocessing
import os
import socket
import time
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event
from struct import Struct
from typing import Final, Self

PRIORITY: Final = 3
"""Of the probe, where it runs in real time: above any broker's."""

TICK_S: Final = 0.001
BEGIN_S: Final = 10.0
_REQUEST: Final = Struct(">ihhih")
API_VERSIONS: Final = _REQUEST.pack(_REQUEST.size - 4, 18, 0, 7, -1)


def probe(port: int, is_realtime: bool, begun: Event, over: Event, result: Connection) -> None:
    """Asks what the event loop answers at once, every millisecond; sends how long the answers took, and its own lateness."""
    if is_realtime:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(PRIORITY))
    answers, late = [], []
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        begun.set()
        wanted = time.perf_counter()
        while not over.is_set():
            time.sleep(max(0.0, wanted - time.perf_counter()))
            began = time.perf_counter()
            late.append((began - wanted) * 1000)
            connection.sendall(API_VERSIONS)
            left = int.from_bytes(_exactly(connection, 4), "big")
            _exactly(connection, left)
            now = time.perf_counter()
            answers.append((now - began) * 1000)
            wanted = now + TICK_S
    result.send((sorted(answers), sorted(late)))


def _exactly(connection: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        more = connection.recv(size - len(data))
        if not more:
            raise SystemExit("the broker closed the probe's connection")
        data += more
    return data


class Probe:
    """The probe in a process of its own, while the context lasts."""

    answers: list[float]
    """Milliseconds that each answer took, sorted; there when the context has ended, as are those of `late`."""

    late: list[float]
    """How late the probe itself was woken: what the machine adds."""

    def __init__(self, port: int, *, is_realtime: bool) -> None:
        self._begun, self._over = multiprocessing.Event(), multiprocessing.Event()
        self._result, self._end = multiprocessing.Pipe(duplex=False)
        arguments = (port, is_realtime, self._begun, self._over, self._end)
        self._process = multiprocessing.Process(target=probe, args=arguments, daemon=True)

    def __enter__(self) -> Self:
        self._process.start()
        self._end.close()  # Only the probe has it now, so that its end is seen here.
        self._begun.wait(BEGIN_S)
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        try:
            self.answers, self.late = self._result.recv()
        except EOFError:
            self.answers, self.late = [], []
        self._process.join()
