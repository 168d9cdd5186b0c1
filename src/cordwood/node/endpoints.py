"""What clients are told to connect to.

Lives here: from the settings and the ports that were bound to the addresses in the metadata. Must not live here: sockets,
and the judgement of the settings (`listeners`).
"""

from __future__ import annotations

import socket
from collections.abc import Iterable, Mapping

from cordwood.metadata import Endpoint
from cordwood.node.addresses import EVERY_INTERFACE, Address


def endpoints_of(bound: Iterable[Address], advertised: Iterable[Address], ports: Iterable[int]) -> list[Endpoint]:
    """One address for each listener: what is advertised for it, or else where it listens.

    `ports` are those that were taken, which the settings may have left open by a 0.
    """
    by_listener: Mapping[str, Address] = {address.listener: address for address in advertised}
    endpoints = []
    for address, port in zip(bound, ports, strict=True):
        told = by_listener.get(address.listener, address)
        endpoints.append(
            Endpoint(
                listener=address.listener,
                host=socket.gethostname() if told.host in EVERY_INTERFACE else told.host,
                port=told.port or port,
                protocol=address.protocol,
            )
        )
    return endpoints
