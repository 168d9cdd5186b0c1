"""Servers that are no brokers, on a port of the loopback: what the doctor may run into.

Lives here: their sockets and threads. Must not live here: tests.
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cordwood.node.addresses import HostPort

CERTIFICATE = Path(__file__).with_name("localhost.pem")
"""A key, and a certificate for `localhost` that is its own authority, for a hundred years."""


@contextmanager
def listening(greet: Callable[[socket.socket], None]) -> Iterator[HostPort]:
    """A server that does something with each connection, one after the other, and then hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=_serve, args=(server, greet), daemon=True)
        thread.start()
        yield HostPort("127.0.0.1", server.getsockname()[1])
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


def _serve(server: socket.socket, greet: Callable[[socket.socket], None]) -> None:
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        # The client may go at any moment, in the midst of a handshake for example.
        with suppress(OSError), connection:
            greet(connection)


def saying(answer: bytes) -> Callable[[socket.socket], None]:
    """Answers whatever comes with these bytes."""

    def greet(connection: socket.socket) -> None:
        if connection.recv(1 << 16):
            connection.sendall(answer)

    return greet


def silent(connection: socket.socket) -> None:
    """Listens until the client has gone."""
    while connection.recv(1 << 16):
        pass


def tls(connection: socket.socket) -> None:
    """Shakes hands."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    with context.wrap_socket(connection, server_side=True) as encrypted:
        silent(encrypted)
