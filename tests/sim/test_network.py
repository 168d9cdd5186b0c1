"""Hosts, partitions of every shape, handshakes and resets."""

from __future__ import annotations

import asyncio

import pytest

from cordwood.sim.network import Conditions
from tests.sim.conftest import Rig


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()


async def serve(port: int = 9000) -> asyncio.Server:
    return await asyncio.start_server(echo, "b", port)


async def ask(data: bytes = b"hello", host: str = "b", port: int = 9000) -> bytes:
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(data)
    answer = await reader.readexactly(len(data))
    writer.close()
    return answer


def test_bytes_come_back(rig):
    rig.run(rig.b, serve)
    data = bytes(range(256)) * 4_000
    assert rig.run(rig.a, ask, data) == data
    assert rig.network.counts["connections"] == 1


@pytest.mark.parametrize("seed", range(5))
def test_bytes_come_back_in_order_over_a_bad_network(seed):
    rig = Rig(seed, Conditions(loss_per_mille=200, jitter_us=50_000, window_bytes=3_000))
    rig.run(rig.b, serve)
    data = bytes(range(256)) * 300
    assert rig.run(rig.a, ask, data) == data
    assert rig.network.counts["retransmissions"]
    rig.loop.close()


def test_bandwidth_takes_its_time():
    rig = Rig(1, Conditions(loss_per_mille=0, bytes_per_second=10_000))
    rig.run(rig.b, serve)
    rig.run(rig.a, ask, bytes(20_000))
    assert rig.loop.time() > 2
    rig.loop.close()


def test_nobody_listens(rig):
    with pytest.raises(ConnectionRefusedError):
        rig.run(rig.a, ask)


def test_a_port_is_taken_once(rig):
    rig.run(rig.b, serve)
    with pytest.raises(OSError, match="in use"):
        rig.run(rig.b, serve)
    with pytest.raises(OSError, match="not an address of a"):
        rig.run(rig.a, serve)


def test_a_port_is_free_again_after_close(rig):
    server = rig.run(rig.b, serve)
    server.close()
    with pytest.raises(ConnectionRefusedError):
        rig.run(rig.a, ask)
    rig.run(rig.b, serve)
    assert rig.run(rig.a, ask) == b"hello"


def test_a_black_hole_times_out(rig):
    rig.run(rig.b, serve)
    rig.network.cut(["a"], ["b"])
    with pytest.raises(TimeoutError):
        rig.run(rig.a, ask)
    assert rig.loop.time() > 10


def reached(rig: Rig) -> set[str]:
    return {source + target for source in "abc" for target in "abc" if rig.network.reaches(source, target)}


ALL = {"aa", "bb", "cc", "ab", "ba", "ac", "ca", "bc", "cb"}


def test_partitions_have_every_shape(rig):
    network = rig.network
    network.cut(["a"], ["b"])
    assert reached(rig) == ALL - {"ab", "ba"}
    network.heal()
    network.cut(["a"], ["b", "c"], both_ways=False)
    assert reached(rig) == ALL - {"ab", "ac"}
    network.heal()
    network.isolate("b")
    assert reached(rig) == ALL - {"ab", "ba", "bc", "cb"}
    network.heal()
    network.split([["a", "b"], ["c"]])
    assert reached(rig) == ALL - {"ac", "ca", "bc", "cb"}
    network.heal()
    assert reached(rig) == ALL


def test_what_is_sent_into_a_partition_arrives_when_it_heals(rig):
    rig.run(rig.b, serve)
    rig.network.cut(["b"], ["a"], both_ways=False)
    rig.loop.after_us(3_000_000, rig.network.heal)
    assert rig.run(rig.a, ask) == b"hello"
    assert rig.loop.time() > 3


def test_a_long_partition_breaks_the_connection(rig):
    rig.run(rig.b, serve)

    async def cut_off():
        reader, writer = await asyncio.open_connection("b", 9000)
        rig.network.isolate("b")
        writer.write(b"x")
        await reader.read(1)

    with pytest.raises(TimeoutError):
        rig.run(rig.a, cut_off)
    assert rig.loop.time() > 20


def test_a_dead_process_resets_its_connections(rig):
    rig.run(rig.b, serve)

    async def outlive():
        reader, _ = await asyncio.open_connection("b", 9000)
        rig.kill(rig.b)
        await reader.read(1)

    with pytest.raises(ConnectionResetError):
        rig.run(rig.a, outlive)
    with pytest.raises(ConnectionRefusedError):
        rig.run(rig.a, ask)


def test_a_host_without_power_is_silent_until_it_is_back(rig):
    rig.run(rig.b, serve)

    async def outlive():
        reader, writer = await asyncio.open_connection("b", 9000)
        rig.b.alive = False
        rig.network.power_failed("b", [rig.b])
        rig.loop.after_us(4_000_000, rig.network.power_on, "b")
        writer.write(b"x")
        await reader.read(1)

    with pytest.raises(ConnectionResetError):
        rig.run(rig.a, outlive)
    assert rig.loop.time() > 4


def test_a_reset_on_the_way_is_seen_at_both_ends(rig):
    rig.run(rig.b, serve)

    async def outlive():
        reader, _ = await asyncio.open_connection("b", 9000)
        rig.network.reset_all("b")
        await reader.read(1)

    with pytest.raises(ConnectionResetError):
        rig.run(rig.a, outlive)
    rig.pass_time(1)
    assert rig.network.counts["resets"] == 2


def test_a_paused_process_answers_later(rig):
    rig.run(rig.b, serve)
    rig.b.paused_until_us = 2_000_000
    assert rig.run(rig.a, ask) == b"hello"
    assert rig.loop.time() > 2


def test_a_connection_that_nobody_waits_for_any_more_is_given_up(rig):
    rig.run(rig.b, serve)
    rig.network.cut(["a"], ["b"])

    async def impatient():
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.open_connection("b", 9000), 1)

    rig.run(rig.a, impatient)
    rig.network.heal()
    rig.pass_time(10)
    assert rig.network.counts["connections"] == 0


def test_the_same_seed_tells_the_same(rig):
    stories = []
    for _ in range(2):
        rig = Rig(7, Conditions(loss_per_mille=50))
        rig.run(rig.b, serve)
        rig.run(rig.a, ask, bytes(100_000))
        stories.append((rig.events, rig.loop.now_us))
        rig.loop.close()
    assert stories[0] == stories[1]
    assert len(stories[0][0]) > 10
