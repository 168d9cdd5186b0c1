"""A client's connection to one broker: requests out, answers in, and what to do when it breaks.

Lives here: frames, correlation, deadlines, reconnecting. Must not live here: what requests mean.

A connection that fails is aborted and not closed, so that nothing of what was written to it arrives after what is written
to the next one.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from cordwood.wire.apis import APIS
from cordwood.wire.compiler import decoder
from cordwood.wire.errors import ErrorCode
from cordwood.wire.frame import join, request_frame
from cordwood.wire.header import parse_response_header
from cordwood.wire.schema import Message

if TYPE_CHECKING:
    from cordwood.env.dice import Dice
    from cordwood.sim.process import Process
    from cordwood.sim.trace import Trace

M = TypeVar("M", bound=Message)

ANSWER_SECONDS: Final = 4.0
"""A client waits so long for an answer, then it tries again on a new connection."""

BACKOFF_MS: Final = 150


class Unanswered(Exception):
    """The connection broke, or nothing came in time: the request may have been carried out or not."""


class Refused(Exception):
    """The broker answered with an error that trying again does not cure."""

    def __init__(self, code: int, what: str) -> None:
        super().__init__(f"{what} was refused: {ErrorCode(code).name}")
        self.code = code


class Address(NamedTuple):
    """Where a broker listens."""

    host: str
    port: int


class BrokerConnection:
    """At most one connection at a time, made when it is needed. Answers come in the order of requests."""

    def __init__(self, process: Process, broker: Address, dice: Dice, trace: Trace) -> None:
        self.process = process
        self.name = process.name
        self._broker = broker
        self.dice = dice
        self._trace = trace
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._correlation = 0
        self._expected: deque[tuple[int, int, int]] = deque()

    @property
    def is_open(self) -> bool:
        """Whether a connection stands, as far as anybody knows."""
        return self._writer is not None

    async def open(self) -> None:
        """Connects if it is not. Raises Unanswered."""
        if self._writer is None:
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    self._reader, self._writer = await asyncio.open_connection(*self._broker)
            except OSError as error:
                raise Unanswered(f"{self._broker.host} cannot be reached: {error!r}") from error

    def send(self, message: Message, version: int) -> None:
        """Sends a request without waiting. Raises Unanswered without a connection."""
        if self._writer is None:
            raise Unanswered("there is no connection")
        self._correlation += 1
        self._expected.append((message.api_key, version, self._correlation))
        self._writer.write(join(request_frame(message.api_key, version, self._correlation, self.name, message)))

    async def receive(self, kind: type[M]) -> M:
        """The answer to the oldest request that has none. Raises Unanswered."""
        reader = self._reader
        if reader is None:
            raise Unanswered("there is no connection")
        key, version, correlation = self._expected.popleft()
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                size = int.from_bytes(await reader.readexactly(4), "big")
                frame = memoryview(await reader.readexactly(size))
        except (OSError, EOFError) as error:
            self.abort()
            raise Unanswered(repr(error)) from error
        found, start = parse_response_header(frame, APIS[key], version)
        assert found == correlation, f"the answer to {found} came where that to {correlation} was due"
        response, end = decoder(kind, version)(frame, start)
        assert end == len(frame), f"{len(frame) - end} bytes after the answer"
        self.note("answer", api=key, size=size)
        return response

    async def ask(self, message: Message, version: int, kind: type[M]) -> M:
        """One request and its answer. Raises Unanswered."""
        await self.open()
        self.send(message, version)
        return await self.receive(kind)

    async def ask_until(self, message: Message, version: int, kind: type[M], codes: Callable[[M], list[int]]) -> M:
        """Asks until an answer has no error that is worth another try. Raises Refused for those that are not."""
        while True:
            try:
                response = await self.ask(message, version, kind)
            except Unanswered as error:
                await self.back_off(str(error))
                continue
            worst = next((code for code in codes(response) if code), 0)
            if not worst:
                return response
            if not ErrorCode(worst).retriable:
                raise Refused(worst, type(message).__name__)
            await self.back_off(ErrorCode(worst).name)

    def note(self, what: str, **particulars: object) -> None:
        """Something happened that this client has seen."""
        self._trace.note(what, client=self.name, **particulars)

    async def back_off(self, why: str) -> None:
        """Waits a moment before another try, which is counted."""
        self.note("retry", why=why)
        await asyncio.sleep(self.dice.below(BACKOFF_MS) / 1000)

    def abort(self) -> None:
        """Gives the connection up, and whatever was not answered."""
        writer, self._reader, self._writer = self._writer, None, None
        self._expected.clear()
        if writer is not None:
            writer.transport.abort()
