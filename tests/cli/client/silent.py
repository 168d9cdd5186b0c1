"""Servers that are no brokers: one that never answers, one that speaks HTTP, one that hangs up."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager


@contextmanager
def silent_server() -> Iterator[str]:
    """Takes connections, and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"127.0.0.1:{listening.getsockname()[1]}"


def web_server() -> AbstractContextManager[str]:
    """Answers everything with HTTP."""
    return _server(b"HTTP/1.1 400 Bad Request\r\n\r\n")


def rude_server() -> AbstractContextManager[str]:
    """Hears the first request, and hangs up."""
    return _server(b"")


@contextmanager
def _server(answer: bytes) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=_answer, args=(listening, answer), daemon=True).start()
        yield f"127.0.0.1:{listening.getsockname()[1]}"
        listening.shutdown(socket.SHUT_RDWR)


def _answer(listening: socket.socket, answer: bytes) -> None:
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:
            return
        with closing(connection):
            connection.recv(1024)
            connection.sendall(answer)


def refused_address() -> str:
    """An address where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return f"127.0.0.1:{listening.getsockname()[1]}"
