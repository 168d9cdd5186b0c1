"""A listening socket: who gets in, and when."""

from __future__ import annotations

import asyncio

import pytest


def listening(rig, **options):
    async def listen():
        return await rig.loop.create_server(asyncio.Protocol, "b", 0, **options)

    return rig.run(rig.b, listen)


def knock(rig, port):
    async def connect():
        return await rig.loop.create_connection(asyncio.Protocol, "b", port)

    return rig.run(rig.a, connect)


def test_port_0_takes_a_free_one(rig):
    first, second = listening(rig), listening(rig)
    assert first.port != second.port
    assert first.sockets[0].getsockname() == ("10.0.0.2", first.port)
    assert first.get_loop() is rig.loop


def test_nobody_is_let_in_before_it_serves(rig):
    server = listening(rig, start_serving=False)
    assert not server.is_serving()
    with pytest.raises(ConnectionRefusedError):
        knock(rig, server.port)
    rig.loop.run_until_complete(server.start_serving())
    assert server.is_serving()
    knock(rig, server.port)


def test_a_closed_server_has_no_socket(rig):
    server = listening(rig)
    server.close()
    server.close()
    rig.loop.run_until_complete(server.wait_closed())
    assert server.sockets == ()
    assert not server.is_serving()
    with pytest.raises(ConnectionRefusedError):
        knock(rig, server.port)


def test_who_came_in_before_the_end_is_shown_out(rig):
    server = listening(rig)
    rig.b.paused_until_us = 2_000_000
    transport, _ = knock(rig, server.port)
    server.close()
    rig.pass_time(3)
    assert transport.is_closing()


def test_no_more_than_the_backlog_wait_to_be_accepted(rig):
    server = listening(rig, backlog=1)
    rig.b.paused_until_us = 3_000_000
    knock(rig, server.port)
    assert not server.has_room
    knock(rig, server.port)
    assert rig.loop.time() > 3


def test_serving_forever_ends_when_it_is_cancelled(rig):
    server = listening(rig, start_serving=False)
    task = rig.start(rig.b, server.serve_forever)
    rig.pass_time(1)
    assert server.is_serving()
    task.cancel()
    rig.pass_time(1)
    assert task.cancelled()
