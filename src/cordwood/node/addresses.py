"""Addresses as people write them: HOST:PORT, [IPV6]:PORT, PORT and LISTENER://HOST:PORT.

Lives here: their shapes and the reading of them. Must not live here: names of protocols, and sockets.
"""

from __future__ import annotations

from typing import Final

import msgspec

PORT_LIMIT: Final = 1 << 16
WORDS: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.")

EVERY_INTERFACE: Final = frozenset({"", "0.0.0.0", "::"})
"""Hosts that stand for every interface of a machine; no client can connect to one of them."""


class HostPort(msgspec.Struct, frozen=True):
    """A host and a port. The host is a name or an address without brackets; empty it means every interface."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class Address(msgspec.Struct, frozen=True):
    """A listener's name, its protocol, and where it listens or is reached."""

    listener: str
    protocol: str
    host: str
    port: int

    def __str__(self) -> str:
        return str(HostPort(self.host, self.port))


def parse_host_port(text: str) -> HostPort:
    """Reads HOST:PORT, [IPV6]:PORT or :PORT. Raises ValueError with words that say what is wrong."""
    host, colon, port = text.strip().rpartition(":")
    if not colon:
        raise ValueError(f"{text!r} has no port: write HOST:PORT")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
        if ":" not in host or not set(host.partition("%")[0]) <= set("0123456789abcdefABCDEF:."):
            raise ValueError(f"{text!r} has no IPv6 address between its brackets")
    elif ":" in host:
        raise ValueError(f"{text!r} has several colons: write an IPv6 address as [ADDRESS]:PORT")
    elif not WORDS.issuperset(host):
        raise ValueError(f"{text!r} has a host with characters that no host has")
    return HostPort(host, _port(port, text))


def parse_listener(text: str) -> tuple[str | None, HostPort]:
    """Reads LISTENER://HOST:PORT or HOST:PORT; the name is None where none was written. Raises ValueError."""
    name, separator, rest = text.strip().partition("://")
    if not separator:
        return None, parse_host_port(text)
    if not name or not WORDS.issuperset(name):
        raise ValueError(f"{text!r} has no good listener's name before ://")
    return name.upper(), parse_host_port(rest)


def _port(text: str, whole: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 5 or int(text) >= PORT_LIMIT:
        raise ValueError(f"{whole!r} has no port from 0 to {PORT_LIMIT - 1} after its last colon")
    return int(text)
