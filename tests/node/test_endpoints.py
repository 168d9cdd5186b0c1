"""Clients are told what is advertised, or where a listener is."""

from __future__ import annotations

import socket

from cordwood.metadata import Endpoint
from cordwood.node.addresses import Address
from cordwood.node.endpoints import endpoints_of

INSIDE = Address("INSIDE", "PLAINTEXT", "10.0.0.1", 9092)
OUTSIDE = Address("OUTSIDE", "PLAINTEXT", "0.0.0.0", 0)


def test_where_it_listens_is_told_unless_something_else_is_advertised() -> None:
    told = Address("OUTSIDE", "PLAINTEXT", "broker.example", 0)
    assert endpoints_of([INSIDE, OUTSIDE], [told], [9092, 40_000]) == [
        Endpoint("INSIDE", "10.0.0.1", 9092),
        Endpoint("OUTSIDE", "broker.example", 40_000),
    ]


def test_nobody_can_connect_to_every_interface() -> None:
    assert endpoints_of([OUTSIDE], [], [40_000]) == [Endpoint("OUTSIDE", socket.gethostname(), 40_000)]
