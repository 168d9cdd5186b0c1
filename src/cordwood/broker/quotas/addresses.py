"""Addresses in the one form that is compared.

Lives here: that form, and what is no address. Must not live here: names of hosts (`hosts`), so that reading a configuration
loads no event loop.
"""

from __future__ import annotations

import ipaddress


def address_of(text: str) -> str | None:
    """The address in the one form that is compared; None for what is none, such as the name of a host."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)
