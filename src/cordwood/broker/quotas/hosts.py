"""Which addresses the quotas of connections are for: an `ip` entity may have the name of a host, as in Kafka.

Lives here: names of hosts into addresses, beside the event loop's other work. Must not live here: rates.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Collection, Mapping

from cordwood.broker.quotas.addresses import address_of
from cordwood.broker.quotas.connection_rates import AddressRates, ConnectionRates
from cordwood.metadata import QuotaEntity
from cordwood.metadata.quotas import CONNECTION_CREATION_RATE, IP

logger = logging.getLogger(__name__)


async def resolve(name: str) -> Collection[str]:
    """The addresses of a host, or the address itself; none where nobody knows it."""
    literal = address_of(name)
    if literal is not None:
        return (literal,)
    try:
        found = await asyncio.get_running_loop().getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):  # A name that cannot be written in the domain name system fails as UnicodeError.
        return ()
    return {address for *_, place in found if (address := address_of(str(place[0]))) is not None}


class Hosts:
    """Keeps the rates of addresses as the quotas say, once it is known which addresses are meant."""

    def __init__(self, rates: ConnectionRates) -> None:
        self._rates = rates
        self._quotas: Mapping[QuotaEntity, Mapping[str, float]] = {}
        self._wanted: dict[str, float] = {}
        self._others: float | None = None
        self._addresses: dict[str, Collection[str]] = {}
        self._resolving: dict[str, asyncio.Task[None]] = {}

    def follow(self, quotas: Mapping[QuotaEntity, Mapping[str, float]]) -> None:
        """From now on these quotas hold; those of hosts, when their addresses are found."""
        if quotas is self._quotas:
            return
        self._quotas = quotas
        self._wanted, self._others = {}, None
        for entity, values in quotas.items():
            rate = values.get(CONNECTION_CREATION_RATE)
            if entity[0].kind == IP and rate is not None:
                if entity[0].name is None:
                    self._others = rate
                else:
                    self._wanted[entity[0].name] = rate
        self._addresses = {name: found for name, found in self._addresses.items() if name in self._wanted}
        for name in self._wanted:
            self._find(name)
        self._hold()

    def close(self) -> None:
        """Asks for nothing more."""
        for task in self._resolving.values():
            task.cancel()

    def _find(self, name: str) -> None:
        if name in self._addresses or name in self._resolving:
            return
        literal = address_of(name)
        if literal is not None:
            self._addresses[name] = (literal,)
        else:
            self._resolving[name] = asyncio.get_running_loop().create_task(self._resolve(name))

    async def _resolve(self, name: str) -> None:
        try:
            found = await resolve(name)
        finally:
            del self._resolving[name]
        if not found:
            logger.warning("the quota of %s holds for nobody: that host has no address here", name)
        if name in self._wanted:
            self._addresses[name] = found
            self._hold()

    def _hold(self) -> None:
        rates = {
            address: rate for name, rate in self._wanted.items() for address in sorted(self._addresses.get(name, ()))
        }
        self._rates.follow(AddressRates(rates, self._others))
