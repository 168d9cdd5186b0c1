"""The ports of a node are taken before anybody is let in, and given back."""

from __future__ import annotations

import asyncio

import pytest

from cordwood.node.configuration import load
from cordwood.node.ports import Ports
from tests.node.test_several_nodes import free_ports


def ports_of(*listeners: str) -> Ports:
    pairs = ",".join(f"{chr(ord('A') + number)}:PLAINTEXT" for number in range(len(listeners)))
    return Ports(load(sets=[f"listeners={','.join(listeners)}", f"listener.security.protocol.map={pairs}"]))


@pytest.mark.asyncio
async def test_every_listener_has_a_port_and_an_address():
    ports = ports_of("A://127.0.0.1:0", "B://127.0.0.1:0")
    await ports.bind()
    assert [endpoint.listener for endpoint in ports.endpoints] == ["A", "B"]
    assert [(endpoint.host, endpoint.port) for endpoint in ports.endpoints] == ports.bound
    assert len({port for _, port in ports.bound}) == 2
    await ports.stop_accepting()


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("own", "host"),
    [("1@inside.example:{port}", "inside.example"), ("1@inside.example:1", "outside.example"), ("", "outside.example")],
    ids=["named as a voter", "named with a port that it has not", "not named"],
)
async def test_peers_reach_a_voter_where_the_voters_are_named(own, host):
    (port,) = free_ports(1)
    voters = ",".join(filter(None, ["2@other.example:9092", own.format(port=port)]))
    sets = [f"listeners=127.0.0.1:{port}", "advertised.listeners=outside.example:9999"]
    ports = Ports(load(sets=[*sets, "node.id=1", f"controller.quorum.voters={voters}"]))
    await ports.bind()
    assert ports.peer_endpoint.host == host
    assert ports.peer_endpoint.port == (port if host == "inside.example" else 9999)
    assert [endpoint.host for endpoint in ports.endpoints] == ["outside.example"]
    await ports.stop_accepting()


@pytest.mark.asyncio
async def test_a_taken_port_is_told():
    ports = ports_of("A://127.0.0.1:0")
    await ports.bind()
    await ports.serve()
    with pytest.raises(OSError, match="in use"):
        await ports_of(f"A://127.0.0.1:{ports.bound[0][1]}").bind()
    await ports.stop_accepting()


@pytest.mark.asyncio
async def test_while_the_door_is_closed_whoever_speaks_loses_the_connection():
    ports = ports_of("A://127.0.0.1:0")
    await ports.bind()
    await ports.serve()
    async with asyncio.timeout(30):
        reader, writer = await asyncio.open_connection(*ports.bound[0])
        writer.write(b"\0\0\0\x0a\0\x12\0\0\0\0\0\x01\xff\xff")
        assert await reader.read() == b""
        writer.close()
    assert [(name, accepted, refused) for name, _, accepted, refused in ports.connection_counts] == [("A", 1, 0)]
    (place,) = ports.bound
    await ports.stop_accepting()
    await ports.drain()
    with pytest.raises(OSError, match=str(place[1])):
        await asyncio.open_connection(*place)
