"""What was seen when the addresses of a cluster were dialed.

Lives here: values. Must not live here: sockets (dialing.py), and what to make of it (findings.py).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from cordwood.node.addresses import HostPort


class Outcome(StrEnum):
    """What became of dialing an address. All but the first are trouble."""

    ANSWERED = "answered"
    UNRESOLVED = "unresolved"
    REFUSED = "refused"
    TIMED_OUT = "timed-out"
    UNREACHABLE = "unreachable"
    CLOSED = "closed"
    """It took the connection and hung up."""
    SILENT = "silent"
    """It took the connection and said nothing."""
    TLS = "speaks-tls"
    """It speaks TLS and was dialed in plain text."""
    PLAINTEXT = "speaks-plaintext"
    """It speaks plain text and was dialed in TLS."""
    CERTIFICATE = "certificate"
    """Its certificate is not believed."""
    AUTHENTICATION = "wants-authentication"
    """It answers and hangs up on whoever has not said who it is."""
    NOT_UNDERSTOOD = "not-understood"
    """It answers something that we do not understand, or in versions that we do not know."""
    NOT_KAFKA = "not-kafka"


PRIVATE_NETWORKS: Final = tuple(
    map(
        ipaddress.ip_network,
        ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "fc00::/7", "fe80::/10"),
    )
)
"""Those that homes, companies and containers use; Python's `is_private` holds more."""

CONNECTED: Final = frozenset(Outcome) - {Outcome.UNRESOLVED, Outcome.REFUSED, Outcome.TIMED_OUT, Outcome.UNREACHABLE}
"""After these there was a connection."""


@dataclass(frozen=True, slots=True)
class Broker:
    """A broker as the cluster tells clients of it."""

    node_id: int
    place: HostPort
    rack: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What a server says of its cluster."""

    cluster_id: str | None
    controller: int
    brokers: tuple[Broker, ...]


@dataclass(frozen=True, slots=True)
class Attempt:
    """A connection to one of the addresses that a name stands for; the outcome is None if it came about."""

    ip: str
    outcome: Outcome | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Dialing:
    """What came of dialing one address, as far as it went."""

    place: HostPort
    outcome: Outcome
    detail: str = ""
    attempts: tuple[Attempt, ...] = ()
    connect_ms: float | None = None
    answer_ms: float | None = None
    """How long the answer to its first request took."""
    versions: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    """Which versions of which APIs it serves."""
    told: Told | None = None
    node_id: int | None = None
    """Which broker it is by its own word, if it could be asked."""
    clock_ahead_ms: int | None = None
    """How far the clock of the controller, which it asked, is ahead of the one here; to within the time that took."""

    @property
    def ip(self) -> str | None:
        """The address that was talked to."""
        return next((attempt.ip for attempt in self.attempts if attempt.outcome is None), None)


@dataclass(frozen=True, slots=True)
class Visit:
    """An advertised address, and what came of dialing it."""

    broker: Broker
    dialing: Dialing


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that was seen. `told` is what the first server that answered says, the one dialed as `source`."""

    bootstrap: tuple[Dialing, ...]
    told: Told | None = None
    source: Dialing | None = None
    visits: tuple[Visit, ...] = ()


def is_loopback(host: str) -> bool:
    """Whether a host is this very machine, by its name or address."""
    if host.lower().rstrip(".") in {"localhost", "localhost.localdomain"}:
        return True
    address = _address(host)
    return address is not None and address.is_loopback


def is_private(host: str) -> bool:
    """Whether a host is an address of a private network, as containers have."""
    address = _address(host)
    return address is not None and any(address in network for network in PRIVATE_NETWORKS)


def is_bare_name(host: str) -> bool:
    """Whether a host is a name without a domain, as containers have."""
    return _address(host) is None and "." not in host and not is_loopback(host)


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None
