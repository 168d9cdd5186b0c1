"""A simulated connection keeps asyncio's promises to protocols."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from cordwood.sim.network import Conditions
from tests.sim.conftest import Rig


class Notes(asyncio.Protocol):
    """Notes what it is told."""

    def __init__(self) -> None:
        self.told: list[object] = []
        self.data = b""
        self.transport: asyncio.Transport

    def connection_made(self, transport):
        self.told.append("made")
        self.transport = transport

    def data_received(self, data):
        self.data += data

    def eof_received(self):
        self.told.append("eof")

    def connection_lost(self, exc):
        self.told.append(type(exc).__name__ if exc else "lost")

    def pause_writing(self):
        self.told.append("pause")

    def resume_writing(self):
        self.told.append("resume")


class Buffered(asyncio.BufferedProtocol):
    """Takes at most three bytes at a time."""

    def __init__(self) -> None:
        self.buffer = bytearray(3)
        self.data = b""

    def get_buffer(self, sizehint):
        return self.buffer

    def buffer_updated(self, nbytes):
        self.data += self.buffer[:nbytes]


def connected(rig: Rig, far: asyncio.BaseProtocol) -> Any:
    """A connection from a to b, where `far` takes it."""

    async def listen():
        await rig.loop.create_server(lambda: far, "b", 9000)

    async def connect():
        return await rig.loop.create_connection(Notes, "b", 9000)

    rig.run(rig.b, listen)
    _, near = rig.run(rig.a, connect)
    rig.pass_time(1)
    return near


def within(process, work):
    """Calls as a part of the process."""
    process.call(work)


def test_both_ends_know_each_other(rig):
    near = connected(rig, far := Notes())
    assert near.transport.get_extra_info("peername") == ("10.0.0.2", 9000)
    assert near.transport.get_extra_info("sockname") == far.transport.get_extra_info("peername")
    assert near.told == far.told == ["made"]
    assert near.transport.get_protocol() is near


def test_a_buffered_protocol_gets_what_fits_its_buffer(rig):
    near = connected(rig, far := Buffered())
    within(rig.a, lambda: near.transport.writelines([b"abcd", memoryview(b"efgh")]))
    rig.pass_time(1)
    assert far.data == b"abcdefgh"


def test_close_sends_what_was_written_and_then_the_end(rig):
    near = connected(rig, far := Notes())

    def write():
        near.transport.write(bytes(500_000))
        near.transport.close()
        near.transport.write(b"too late")

    within(rig.a, write)
    assert near.transport.is_closing()
    rig.pass_time(5)
    assert far.data == bytes(500_000)
    assert far.told == ["made", "eof", "lost"]
    assert near.told == ["made", "pause", "resume", "lost"]


def test_abort_throws_away_what_was_written(rig):
    near = connected(rig, far := Notes())
    within(rig.a, lambda: near.transport.write(b"x"))
    within(rig.a, lambda: near.transport.abort())
    rig.pass_time(5)
    assert near.told == ["made", "lost"]
    assert far.told == ["made", "ConnectionResetError"]
    assert far.data == b""


def test_half_a_connection_can_be_closed(rig):
    class Patient(Notes):
        def eof_received(self):
            super().eof_received()
            return True

    near = connected(rig, far := Patient())
    within(rig.a, lambda: near.transport.write(b"question"))
    within(rig.a, lambda: near.transport.write_eof())
    rig.pass_time(1)
    assert far.told == ["made", "eof"]
    within(rig.b, lambda: far.transport.write(b"answer"))
    rig.pass_time(1)
    assert near.data == b"answer"
    with pytest.raises(RuntimeError, match="write_eof"):
        near.transport.write(b"more")


def test_a_reader_that_pauses_stops_the_writer_and_bounds_what_is_under_way(rig):
    near = connected(rig, far := Notes())
    far.transport.pause_reading()
    within(rig.a, lambda: near.transport.write(bytes(400_000)))
    rig.pass_time(5)
    assert near.told == ["made", "pause"]
    assert near.transport.get_write_buffer_size() == 400_000 - Conditions().window_bytes
    assert not far.data
    assert not far.transport.is_reading()
    within(rig.b, far.transport.resume_reading)
    rig.pass_time(5)
    assert near.told == ["made", "pause", "resume"]
    assert far.data == bytes(400_000)


def test_limits_of_the_write_buffer_are_as_in_asyncio(rig):
    near = connected(rig, Notes())
    assert near.transport.get_write_buffer_limits() == (16 * 1024, 64 * 1024)
    near.transport.set_write_buffer_limits(high=100)
    assert near.transport.get_write_buffer_limits() == (25, 100)
    near.transport.set_write_buffer_limits(low=10)
    assert near.transport.get_write_buffer_limits() == (10, 40)
    with pytest.raises(ValueError, match="high"):
        near.transport.set_write_buffer_limits(high=1, low=2)


def test_writing_to_a_closed_socket_is_answered_with_a_reset(rig):
    near = connected(rig, far := Notes())
    within(rig.b, far.transport.abort)
    within(rig.a, lambda: near.transport.write(b"x"))
    rig.pass_time(5)
    assert near.told[-1] == "ConnectionResetError"


def test_the_end_waits_behind_what_was_not_read(rig):
    near = connected(rig, far := Notes())
    far.transport.pause_reading()
    within(rig.a, lambda: near.transport.write(b"last words"))
    within(rig.a, lambda: near.transport.close())
    rig.pass_time(1)
    assert far.told == ["made"]
    within(rig.b, far.transport.resume_reading)
    rig.pass_time(1)
    assert far.data == b"last words"
    assert far.told == ["made", "eof", "lost"]


def test_what_is_written_is_overheard_before_it_is_sent(rig):
    heard = []
    near = connected(rig, Notes())
    rig.network.overhear = lambda end, data: heard.append((end is near.transport, data))
    within(rig.a, lambda: near.transport.writelines([b"x", bytearray(b"y")]))
    assert heard == [(True, b"xy")]
