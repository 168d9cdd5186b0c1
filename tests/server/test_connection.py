"""A connection answers in order, in one write a wake-up, holds its bounds, and dies alone."""

from __future__ import annotations

import asyncio
import logging
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from cordwood.model.errors import ProtocolError
from cordwood.server.connection import Answer, Parts
from cordwood.server.listener import Admission, Listener, ListenerConfig

FRAME_LIMIT = 300_000


class Script:
    """A service that does what the frame says: echo, wait, nothing, garbage, break."""

    def __init__(self) -> None:
        self.waiting: dict[bytes, asyncio.Future[Parts]] = {}
        self.handled: list[bytes] = []
        self.open_sessions = 0
        self.mutes: list[Callable[[int], None]] = []
        self.progress = asyncio.Event()

    def open_session(self, listener: str, peer: str, mute: Callable[[int], None]) -> str:
        self.open_sessions += 1
        self.mutes.append(mute)
        return f"{listener} {peer}"

    def close_session(self, session: str) -> None:
        self.open_sessions -= 1
        self.progress.set()

    def handle(self, session: str, frame: memoryview) -> Answer:
        text = bytes(frame)
        self.handled.append(text)
        self.progress.set()
        if text.startswith(b"wait"):
            self.waiting[text] = asyncio.get_running_loop().create_future()
            return self.waiting[text]
        if text.startswith(b"nothing"):
            return None
        if text.startswith(b"mute"):
            self.mutes[0](30)
        if text.startswith(b"garbage"):
            raise ProtocolError("that was garbage")
        if text.startswith(b"break"):
            raise RuntimeError("a fault of ours")
        return framed(b"re:" + text)

    async def until_handled(self, count: int) -> None:
        async with asyncio.timeout(10):
            while len(self.handled) < count:
                self.progress.clear()
                await self.progress.wait()

    async def until_sessions(self, count: int) -> None:
        async with asyncio.timeout(10):
            while self.open_sessions != count:
                self.progress.clear()
                await self.progress.wait()


def framed(data: bytes) -> Parts:
    return [struct.pack(">i", len(data)), data]


class Client:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def send(self, *frames: bytes) -> None:
        self.writer.write(b"".join(b"".join(framed(frame)) for frame in frames))

    async def receive(self) -> bytes:
        async with asyncio.timeout(10):
            (size,) = struct.unpack(">i", await self.reader.readexactly(4))
            return await self.reader.readexactly(size)

    async def at_end(self) -> bool:
        async with asyncio.timeout(10):
            try:
                await self.reader.read()
                return self.reader.at_eof()
            except ConnectionResetError:
                return True


class Pieces:
    """A transport that notes how many pieces it is given at once."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self.transport = transport
        self.pieces: list[int] = []

    def write(self, data: bytes) -> None:
        self.pieces.append(1)
        self.transport.write(data)

    def writelines(self, parts: Parts) -> None:
        self.pieces.append(len(parts))
        self.transport.writelines(parts)


@asynccontextmanager
async def serving(admission: Admission | None = None, **config: Any) -> AsyncIterator[tuple[Script, Listener[str]]]:
    script = Script()
    settings = ListenerConfig("PLAINTEXT", "127.0.0.1", 0, **{"frame_limit_bytes": FRAME_LIMIT, **config})
    listener: Listener[str] = Listener(script, settings, admission)
    await listener.bind()
    await listener.serve()
    try:
        yield script, listener
    finally:
        await listener.stop_accepting()
        await listener.drain(timeout_ms=1000)


@asynccontextmanager
async def connected(listener: Listener[str]) -> AsyncIterator[Client]:
    reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
    try:
        yield Client(reader, writer)
    finally:
        writer.close()


@pytest.mark.asyncio
async def test_answers_come_in_the_order_of_the_requests() -> None:
    async with serving() as (script, listener), connected(listener) as client:
        client.send(b"a", b"wait 1", b"b", b"wait 2", b"nothing", b"c")
        await script.until_handled(6)
        assert await client.receive() == b"re:a"
        script.waiting[b"wait 2"].set_result(framed(b"second"))
        script.waiting[b"wait 1"].set_result(framed(b"first"))
        assert [await client.receive() for _ in range(4)] == [b"first", b"re:b", b"second", b"re:c"]


@pytest.mark.asyncio
@pytest.mark.parametrize("size", [0, 1, 60_000, 65_532, 65_533, 200_000, FRAME_LIMIT])
async def test_frames_of_every_size_in_every_cut(size: int) -> None:
    async with serving() as (_script, listener), connected(listener) as client:
        frame = bytes(range(256)) * (size // 256 + 1)
        data = b"".join(framed(frame[:size])) * 3
        for cut in (0, 1, 5, len(data) // 2, len(data) - 1):
            client.writer.write(data[:cut])
            await client.writer.drain()
            client.writer.write(data[cut:])
            for _ in range(3):
                assert await client.receive() == b"re:" + frame[:size]


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("parts", "leaves"),
    [
        ([b"x" * 10] * 6_000, 1),
        ([b"x" * 10] * 60_000, 1),
        ([b"head", memoryview(bytes(200_000)), b"head", memoryview(bytes(9))], 5),
    ],
    ids=["small", "many small", "views"],
)
async def test_parts_are_copied_only_where_they_are_small(
    parts: Parts, leaves: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving() as (script, listener), connected(listener) as client:
        client.send(b"wait")
        await script.until_handled(1)
        (connection,) = listener._connections
        transport = Pieces(connection._transport)
        monkeypatch.setattr(connection, "_transport", transport)
        answer = b"".join(parts)
        script.waiting[b"wait"].set_result([struct.pack(">i", len(answer)), *parts])
        assert await client.receive() == answer
        assert transport.pieces == [leaves]
        monkeypatch.undo()


@pytest.mark.asyncio
async def test_only_so_many_answers_are_owed() -> None:
    async with serving(requests_limit=3) as (script, listener), connected(listener) as client:
        frames = [b"wait %d" % number for number in range(10)]
        client.send(*frames)
        await script.until_handled(3)
        for number, frame in enumerate(frames):
            await script.until_handled(number + 1)
            assert len(script.handled) <= number + 3
            script.waiting[frame].set_result(framed(frame))
            assert await client.receive() == frame


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("sent", "words"),
    [
        (b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(40), "TLS"),
        (struct.pack(">i", -5) + b"xxxx", "negative"),
        (struct.pack(">i", FRAME_LIMIT + 1) + b"xxxx", str(FRAME_LIMIT)),
        (b"".join(framed(b"garbage")), "that was garbage"),
        (b"".join(framed(b"break")), "a fault of ours"),
    ],
)
async def test_garbage_costs_its_own_connection_only(sent: bytes, words: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    async with serving() as (_script, listener), connected(listener) as good, connected(listener) as bad:
        good.send(b"before")
        assert await good.receive() == b"re:before"
        bad.writer.write(b"".join(framed(b"fine")) + sent)
        assert await bad.at_end()
        good.send(b"after")
        assert await good.receive() == b"re:after"
    assert words in caplog.text


@pytest.mark.asyncio
async def test_a_failed_answer_closes_the_connection() -> None:
    async with serving() as (script, listener), connected(listener) as client:
        client.send(b"wait")
        await script.until_handled(1)
        script.waiting[b"wait"].set_exception(RuntimeError("lost"))
        assert await client.at_end()


@pytest.mark.asyncio
async def test_a_peer_that_never_reads_is_read_no_further() -> None:
    async with serving() as (script, listener), connected(listener) as client:
        frame = bytes(100_000)
        sent = 200
        for _ in range(sent):
            client.send(frame)
        handled = -1
        while handled != len(script.handled):
            handled = len(script.handled)
            for _ in range(50):
                await asyncio.sleep(0)
            await script.until_handled(1)
        assert handled < sent, "the write queue would grow without a bound"
        for _ in range(sent):
            assert len(await client.receive()) == len(frame) + 3


@pytest.mark.asyncio
async def test_what_came_before_the_end_is_handled() -> None:
    async with serving() as (script, listener):
        async with connected(listener) as client:
            client.send(b"nothing 1", b"nothing 2")
        await script.until_handled(2)
        await script.until_sessions(0)
        assert script.handled == [b"nothing 1", b"nothing 2"]


@pytest.mark.asyncio
async def test_nobody_works_for_a_peer_that_is_gone() -> None:
    async with serving() as (script, listener):
        async with connected(listener) as client:
            client.send(b"wait 1", b"wait 2")
            await script.until_handled(2)
        await script.until_sessions(0)
        assert all(future.cancelled() for future in script.waiting.values())


@pytest.mark.asyncio
async def test_a_muted_connection_is_not_served_and_others_are() -> None:
    async with serving() as (script, listener), connected(listener) as muted, connected(listener) as other:
        muted.send(b"wait", b"before")
        await script.until_handled(2)
        mute = script.mutes[0]
        mute(60)
        mute(1)
        muted.send(b"after")
        other.send(b"other")
        assert await other.receive() == b"re:other"
        script.waiting[b"wait"].set_result(framed(b"late"))
        assert [await muted.receive() for _ in range(2)] == [b"late", b"re:before"], "answers go out"
        assert await muted.receive() == b"re:after"
        assert script.handled == [b"wait", b"before", b"other", b"after"], "the longer time counts"


@pytest.mark.asyncio
async def test_what_arrived_with_the_request_that_mutes_waits() -> None:
    async with serving() as (script, listener), connected(listener) as client, connected(listener) as other:
        client.send(b"mute", b"next")
        assert await client.receive() == b"re:mute"
        other.send(b"other")
        assert await other.receive() == b"re:other"
        assert await client.receive() == b"re:next"
        assert script.handled == [b"mute", b"other", b"next"]


@pytest.mark.asyncio
@pytest.mark.parametrize("end", ["client", "drain", "abort"])
async def test_a_muted_connection_can_end(end: str) -> None:
    async with serving() as (script, listener):
        async with connected(listener) as client:
            client.send(b"a")
            assert await client.receive() == b"re:a"
            script.mutes[0](1_000_000)
            client.send(b"never handled")
            if end == "client":
                client.writer.transport.abort()
            else:
                await listener.drain(timeout_ms=10_000 if end == "drain" else 0)
                assert await client.at_end()
            if end == "client":
                # Nothing is read from it, so nobody hears that it is gone before the listener drains.
                await listener.drain(timeout_ms=10_000)
        await script.until_sessions(0)
        assert script.handled == [b"a"]
