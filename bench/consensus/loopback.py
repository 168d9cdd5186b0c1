"""Groups over loopback: each node in a process of its own, messages as between brokers.

Node 1 is in this process, with the callers; the others are children. Links, hello, framing and door are those of a broker.
Lives here: such a group. Must not live here: how callers are timed (`group`), and what is printed.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import uvloop

from bench.consensus.group import Counter, timed
from bench.generator import BenchError
from bench.subjects.base import free_port
from cordwood.broker.context import Session, Threshold
from cordwood.broker.door import Door
from cordwood.consensus.config import GroupConfig
from cordwood.consensus.driver import Driver
from cordwood.consensus.opening import found_group, open_storage
from cordwood.consensus.wire import decode, encode
from cordwood.env.background import Threads
from cordwood.env.clock import SystemClock
from cordwood.env.dice import SystemDice
from cordwood.env.disk import LocalDisk
from cordwood.model.consensus_errors import InvalidPeerMessage
from cordwood.observe.requests import RequestCounts
from cordwood.peers.config import PeerConfig
from cordwood.peers.dialing import Dialer
from cordwood.peers.identity import NO_DIRECTORY, Identity, Peer
from cordwood.peers.links import Links
from cordwood.peers.reception import Reception
from cordwood.raft import Message, RaftConfig
from cordwood.server.listener import Listener, ListenerConfig

HOST: Final = "127.0.0.1"
ELECTION_SECONDS: Final = 20.0


class Member:
    """One node of the group in this process."""

    def __init__(self, folder: str, node: int, ports: Sequence[int]) -> None:
        loop = asyncio.get_running_loop()
        self._identity = Identity("bench", node, bytes([node] * 16), HOST, ports[node - 1])
        self._config = GroupConfig(RaftConfig(node))
        self._background = Threads(2)
        self.leads = asyncio.Event()
        self._links = Links(Dialer(loop, SystemDice(), lambda: self._identity, PeerConfig()), node)
        reception = Reception(
            own=lambda: self._identity,
            noted_directory=lambda _: NO_DIRECTORY,
            called=self._links.called,
            take=self._take,
        )
        door = Door()
        door.let_peers_in(Threshold(clock=SystemClock(), counts=RequestCounts(), loop=loop, peers=reception))
        self._listener: Listener[Session] = Listener(door, ListenerConfig("PEERS", HOST, ports[node - 1]))
        path = f"{folder}/{node}"
        found_group(LocalDisk(), path, range(1, len(ports) + 1))
        storage = open_storage(path, self._config, disk=LocalDisk(), background=self._background)
        self.driver = Driver(
            self._config,
            storage,
            Counter(),
            loop=loop,
            background=self._background,
            transport=self,
            dice=SystemDice(),
            on_leader=lambda leader: self.leads.set() if leader == node else None,
        )
        self._peers = [Peer(number, HOST, port) for number, port in enumerate(ports, 1)]

    async def start(self) -> None:
        """Lets the others in, and has time go on."""
        await self._listener.bind()
        await self._listener.serve()
        self._links.follow(self._peers)
        self.driver.start()

    async def become_leader(self) -> None:
        """Stands for election until the others are there and elect it. Raises BenchError."""
        try:
            async with asyncio.timeout(ELECTION_SECONDS):
                while not self.leads.is_set():
                    self.driver.campaign()
                    await asyncio.sleep(0.5)
        except TimeoutError as error:
            raise BenchError(f"no leader after {ELECTION_SECONDS:.0f} s") from error

    async def close(self) -> None:
        """Ends the node."""
        await self._listener.stop_accepting()
        await self._links.close()
        self.driver.close()
        self._background.close()

    def send(self, to: int, message: Message) -> bool:
        """The driver's way to the others."""
        return self._links.send(to, encode(message))

    def _take(self, sender: int, frame: memoryview) -> bool:
        try:
            message = decode(bytes(frame), self._config.max_message_bytes)
        except InvalidPeerMessage:
            return False
        self.driver.receive(message)
        return True


def over_loopback(folder: str, size: int, callers: int, seconds: float) -> dict[str, float]:
    """A group of so many processes. Raises BenchError."""
    ports = [free_port() for _ in range(size)]
    with _others(folder, ports):
        return uvloop.run(_measure(folder, ports, callers, seconds))


@contextmanager
def _others(folder: str, ports: Sequence[int]) -> Iterator[None]:
    words = [str(port) for port in ports]
    children = [
        subprocess.Popen([sys.executable, "-m", __name__, folder, str(node), *words])
        for node in range(2, len(ports) + 1)
    ]
    try:
        yield
    finally:
        for child in children:
            child.kill()
            child.wait()


async def _measure(folder: str, ports: Sequence[int], callers: int, seconds: float) -> dict[str, float]:
    member = Member(folder, 1, ports)
    await member.start()
    try:
        await member.become_leader()
        return await timed(member.driver, callers, seconds)
    finally:
        await member.close()


async def _serve(folder: str, node: int, ports: Sequence[int]) -> None:
    """Until it is killed."""
    await Member(folder, node, ports).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(_serve(sys.argv[1], int(sys.argv[2]), [int(port) for port in sys.argv[3:]]))
