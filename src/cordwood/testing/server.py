"""An in-process broker for tests, synchronous and asynchronous.

Lives here: starting a node beside the test and waiting until it serves. Must not live here: fakes; it is the broker.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Self

import uvloop

from cordwood.env.disk import Disk, LocalDisk
from cordwood.env.memory_disk import MemoryDisk
from cordwood.node.configuration import load
from cordwood.node.node import Node, World

MEMORY: Final = ":memory:"
_MEMORY_DIRECTORY: Final = "/memory"
START_LIMIT_SECONDS: Final = 30.0

QUICK: Final[Mapping[str, str]] = MappingProxyType(
    {
        "group.initial.rebalance.delay.ms": "0",
        "offsets.topic.num.partitions": "4",
        "transaction.state.log.num.partitions": "4",
    }
)
"""What a broker for tests has other than one for service, unless the test sets it: a group need not wait for members."""


class Server:
    """A broker on 127.0.0.1, from entering the context to leaving it.

    `data` is a directory, kept after the test, or ":memory:". Port 0 takes a free port. `settings` are Kafka's, as in
    `{"num.partitions": "3"}`, over those of `QUICK`. Raises ConfigurationError for wrong settings when made, and the
    node's errors when entered. `with` runs the broker in a thread of its own; `async with` runs it in the running loop.
    """

    def __init__(self, data: str = MEMORY, port: int = 0, settings: Mapping[str, str] | None = None) -> None:
        directory = _MEMORY_DIRECTORY if data == MEMORY else data
        self._disk: Disk = MemoryDisk() if data == MEMORY else LocalDisk()
        flags = {"log.dirs": directory, "listeners": f"127.0.0.1:{port}"}
        sets = [f"{name}={value}" for name, value in {**QUICK, **(settings or {})}.items()]
        self._config = load(flags=flags, sets=sets)
        self._node: Node | None = None
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def node(self) -> Node:
        """The running broker."""
        if self._node is None:
            raise RuntimeError("the server is not running; use it as a context manager")
        return self._node

    @property
    def port(self) -> int:
        """The port that clients connect to."""
        return self.node.bound[0][1]

    @property
    def bootstrap_servers(self) -> str:
        """What Kafka clients take as bootstrap.servers."""
        return f"127.0.0.1:{self.port}"

    # In the running loop.

    async def __aenter__(self) -> Self:
        node = Node(self._config, World(disk=self._disk))
        await node.start()
        self._node = node
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        node, self._node = self.node, None
        await node.stop()

    # In a thread.

    def __enter__(self) -> Self:
        self._loop = uvloop.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="cordwood-broker", daemon=True)
        self._thread.start()
        try:
            asyncio.run_coroutine_threadsafe(self.__aenter__(), self._loop).result(START_LIMIT_SECONDS)
        except BaseException:
            self._stop_thread()
            raise
        return self

    def __exit__(self, *exc_info: object) -> None:
        assert self._loop is not None, "left without having been entered"
        try:
            asyncio.run_coroutine_threadsafe(self.__aexit__(), self._loop).result(START_LIMIT_SECONDS)
        finally:
            self._stop_thread()

    def _stop_thread(self) -> None:
        loop, thread = self._loop, self._thread
        assert loop is not None, "there is no loop to stop"
        assert thread is not None, "there is no thread to stop"
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
        self._loop = self._thread = None
