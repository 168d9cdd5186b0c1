"""Which addresses a node listens on, and which it tells clients.

Lives here: the judgement of the settings about listeners, together. Must not live here: sockets.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import msgspec

from cordwood.node.addresses import EVERY_INTERFACE, Address, HostPort, parse_listener

SERVED: Final = ("PLAINTEXT",)
"""The protocols that Cordwood speaks today."""


class Listeners(msgspec.Struct, frozen=True):
    """The addresses of a node, or the mistakes in its settings: (name of the setting, what is wrong)."""

    bound: tuple[Address, ...]
    advertised: tuple[Address, ...]
    mistakes: tuple[tuple[str, str], ...]


def resolve_listeners(
    bound: Sequence[str], advertised: Sequence[str] | None, protocols: Sequence[str], controllers: Sequence[str]
) -> Listeners:
    """Judges the values of listeners, advertised.listeners, listener.security.protocol.map, controller.listener.names.

    Listeners for controllers are left out. `advertised` None means that nothing is told but what is bound.
    """
    mistakes: list[tuple[str, str]] = []
    names = _protocols(protocols, mistakes)
    left_out = {name.upper() for name in controllers}
    ours = _addresses("listeners", bound, names, left_out, mistakes)
    if not ours and not mistakes:
        mistakes.append(("listeners", "names no address to listen on"))
    told = _addresses("advertised.listeners", advertised or (), names, left_out, mistakes, only=ours)
    mistakes += [
        ("advertised.listeners", f"{address} stands for every interface; name a host that clients can reach")
        for address in told
        if address.host in EVERY_INTERFACE
    ]
    known = {address.listener for address in ours}
    mistakes += [
        ("advertised.listeners", f"{address.listener} is none of the listeners ({', '.join(sorted(known))})")
        for address in told
        if known and address.listener not in known
    ]
    return Listeners(ours, told, tuple(mistakes))


def _protocols(pairs: Sequence[str], mistakes: list[tuple[str, str]]) -> Mapping[str, str]:
    protocols = {}
    for pair in pairs:
        name, colon, protocol = pair.partition(":")
        if colon and name and protocol:
            protocols[name.strip().upper()] = protocol.strip().upper()
        else:
            mistakes.append(("listener.security.protocol.map", f"{pair!r} wants LISTENER:PROTOCOL"))
    return protocols


def _addresses(
    setting: str,
    texts: Sequence[str],
    protocols: Mapping[str, str],
    left_out: set[str],
    mistakes: list[tuple[str, str]],
    *,
    only: Sequence[Address] = (),
) -> tuple[Address, ...]:
    """The addresses of one setting. An unnamed one has the name of the only listener there is, or PLAINTEXT."""
    unnamed = only[0].listener if len(only) == 1 else SERVED[0]
    found: list[Address] = []
    for text in texts:
        try:
            name, place = parse_listener(text)
        except ValueError as error:
            mistakes.append((setting, str(error)))
            continue
        name = name or unnamed
        if name in left_out:
            continue
        mistakes += [(setting, f"{text}: {reason}") for reason in _faults(name, place, protocols, found)]
        found.append(Address(name, protocols.get(name, ""), place.host, place.port))
    return tuple(found)


def _faults(name: str, place: HostPort, protocols: Mapping[str, str], found: Sequence[Address]) -> Iterator[str]:
    protocol = protocols.get(name)
    if protocol is None:
        yield f"listener {name} has no protocol: add {name}:PLAINTEXT to listener.security.protocol.map"
    elif protocol not in SERVED:
        yield f"listener {name} is to speak {protocol}; Cordwood speaks {' and '.join(SERVED)} today"
    if any(address.listener == name for address in found):
        yield f"listener {name} is there twice: give each a name of its own, and a protocol for each name"
    if place.port and any((address.host, address.port) == (place.host, place.port) for address in found):
        yield f"{place} is there twice"
