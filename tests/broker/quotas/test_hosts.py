"""Quotas of addresses hold for the addresses that are meant, whatever they are called."""

from __future__ import annotations

import asyncio
import socket

import pytest

from cordwood.broker.quotas.connection_rates import ConnectionRates
from cordwood.broker.quotas.hosts import Hosts, resolve
from cordwood.broker.quotas.usage import Windows
from cordwood.metadata import EntityPart
from cordwood.metadata.quotas import CONNECTION_CREATION_RATE

KNOWN = {"one.example": ["10.0.0.1", "::1"], "two.example": ["10.0.0.2"]}


@pytest.fixture
def names(monkeypatch):
    """A domain name system of two hosts."""

    async def getaddrinfo(loop, host, port, **_):
        if host not in KNOWN:
            raise socket.gaierror(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0)) for address in KNOWN[host]]

    monkeypatch.setattr(asyncio.base_events.BaseEventLoop, "getaddrinfo", getaddrinfo)


def test_hosts_are_found(names):
    assert asyncio.run(resolve("one.example")) == {"10.0.0.1", "::1"}
    assert asyncio.run(resolve("::ffff:10.0.0.9")) == ("10.0.0.9",)
    assert asyncio.run(resolve("nowhere.example")) == ()


def test_a_name_that_cannot_be_asked_for_is_nobodys():
    assert asyncio.run(resolve("x" * 300)) == ()


def quota(name: str | None, rate: float) -> dict:
    return {(EntityPart("ip", name),): {CONNECTION_CREATION_RATE: rate}}


async def settled(hosts: Hosts) -> None:
    while hosts._resolving:
        await asyncio.wait(list(hosts._resolving.values()))


def test_the_quota_of_a_host_is_one_of_its_addresses(names, caplog):
    async def story() -> ConnectionRates:
        rates = ConnectionRates(Windows())
        hosts = Hosts(rates)
        hosts.follow(
            {
                **quota("one.example", 1.0),
                **quota("nowhere.example", 1.0),
                **quota("10.0.0.7", 1.0),
                **quota(None, 3.0),
                (EntityPart("user", "one.example"),): {"producer_byte_rate": 9.0},
            }
        )
        assert rates.admit("10.0.0.7", 0.0).let_in
        assert not rates.admit("10.0.0.7", 0.0).let_in, "addresses need not be asked for"
        await settled(hosts)
        return rates

    rates = asyncio.run(story())
    for address, most in (("10.0.0.1", 1), ("::1", 1), ("10.0.0.2", 3)):
        assert sum(rates.admit(address, 0.0).let_in for _ in range(10)) == most
    assert "the quota of nowhere.example holds for nobody" in caplog.text


def test_a_quota_that_goes_while_its_host_is_asked_for_holds_for_nobody(names):
    async def story() -> ConnectionRates:
        rates = ConnectionRates(Windows())
        hosts = Hosts(rates)
        hosts.follow(quota("one.example", 1.0))
        hosts.follow({})
        await settled(hosts)
        hosts.follow(quota("two.example", 1.0))
        hosts.close()
        await asyncio.gather(*hosts._resolving.values(), return_exceptions=True)
        return rates

    rates = asyncio.run(story())
    assert all(rates.admit(address, 0.0).let_in for address in ("10.0.0.1", "10.0.0.2") for _ in range(5))
