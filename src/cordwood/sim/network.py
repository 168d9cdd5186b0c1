"""The simulated network: hosts, who reaches whom, and how long that takes.

      SYN ──> is the host up, and is it reached? ──> no: again and again, until `connect_limit_ms`: TimeoutError
                       │ yes
                       ├─ nobody listens: ConnectionRefusedError
                       └─ two ends, joined by two pipes

Lives here: addresses, partitions, handshakes, resets. Must not live here: bytes (`pipe`), protocols (`transport`).

Partitions are sets of (source, target) that nothing passes, so that every shape is one of them: both ways, one way, one
host alone, two camps. A cut path loses acknowledgements as little as it can: what is sent the other way still arrives.
"""

from __future__ import annotations

import asyncio
import errno
import os
import socket
from collections import Counter
from collections.abc import Callable, Iterable
from itertools import product
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from cordwood.sim.listening import SimServer
from cordwood.sim.pipe import FIRST_RETRY_US, LAST_RETRY_US, End, Pipe
from cordwood.sim.transport import SimTransport

if TYPE_CHECKING:
    from cordwood.env.dice import Dice
    from cordwood.sim.loop import SimLoop
    from cordwood.sim.process import Process

T = TypeVar("T")

FIRST_FREE_PORT: Final = 32_768
_SAME_HOST_US: Final = 20


class Conditions(NamedTuple):
    """What the network is like."""

    delay_us: int = 100
    jitter_us: int = 2_000
    loss_per_mille: int = 2
    bytes_per_second: int = 0
    """0 is no bound."""
    window_bytes: int = 128 * 1024
    connect_limit_ms: int = 10_000
    retransmit_limit_ms: int = 20_000


class _Host(NamedTuple):
    name: str
    address: str
    ports: dict[int, SimServer]
    transports: dict[SimTransport, None]


class Network:
    """All hosts and what is between them. `observe` is told what happens: a word and its particulars."""

    def __init__(
        self,
        loop: SimLoop,
        dice: Dice,
        conditions: Conditions | None = None,
        observe: Callable[..., None] | None = None,
    ) -> None:
        self.loop = loop
        self.dice = dice
        self.conditions = conditions or Conditions()
        self.counts: Counter[str] = Counter()
        """What happened how often."""
        self._observe = observe
        self.overhear: Callable[[SimTransport, bytes], None] | None = None
        """Called with what is written to a connection, by which end, before any of it is sent."""
        self._hosts: dict[str, _Host] = {}
        self._down: set[str] = set()
        self._cut: set[tuple[str, str]] = set()
        self._next_port = FIRST_FREE_PORT
        loop.network = self

    # Hosts.

    def add_host(self, name: str) -> None:
        """A new host, which others find by its name."""
        self._hosts[name] = _Host(name, f"10.0.{len(self._hosts) // 250}.{len(self._hosts) % 250 + 1}", {}, {})

    def address_of(self, name: str, asker: str) -> str:
        """The address of a name or address; "localhost" is the asker's own. Raises socket.gaierror."""
        return self._host(name, asker).address

    def _host(self, name: str, asker: str) -> _Host:
        if name in {"localhost", "127.0.0.1", "0.0.0.0", "::"}:
            name = asker
        found = self._hosts.get(name) or next((host for host in self._hosts.values() if host.address == name), None)
        if found is None:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return found

    def process_died(self, process: Process) -> None:
        """The kernel of its host resets the connections of a dead process and frees its ports."""
        self._bury(process, silently=False)

    def power_failed(self, host: str, processes: Iterable[Process]) -> None:
        """The host is gone without a word, until `power_on`."""
        self._down.add(host)
        for process in processes:
            self._bury(process, silently=True)

    def power_on(self, host: str) -> None:
        """The host answers again, if only to refuse."""
        self._down.discard(host)

    def _bury(self, process: Process, *, silently: bool) -> None:
        host = self._hosts[process.host]
        for server in [server for server in host.ports.values() if server.process is process]:
            server.close()
        for transport in [one for one in host.transports if one.process is process]:
            del host.transports[transport]
            transport.die(silently=silently)

    # Who reaches whom.

    def cut(self, sources: Iterable[str], targets: Iterable[str], *, both_ways: bool = True) -> None:
        """From now on nothing passes from the one to the other, nor back unless asked otherwise."""
        pairs = {(source, target) for source, target in product(sources, list(targets)) if source != target}
        self._cut |= pairs | ({(target, source) for source, target in pairs} if both_ways else set())

    def isolate(self, host: str) -> None:
        """Cuts one host off from all others."""
        self.cut([host], self._hosts)

    def split(self, camps: Iterable[Iterable[str]]) -> None:
        """Cuts each camp off from every other."""
        every = [list(camp) for camp in camps]
        for number, camp in enumerate(every):
            for other in every[number + 1 :]:
                self.cut(camp, other)

    def heal(self) -> None:
        """Everybody reaches everybody."""
        self._cut.clear()

    def reaches(self, source: str, target: str) -> bool:
        """Whether what is sent now from the one arrives at the other."""
        return (source, target) not in self._cut and target not in self._down and source not in self._down

    def loses(self) -> bool:
        """Whether this packet gets lost."""
        return self.dice.below(1000) < self.conditions.loss_per_mille

    def delay_us(self, source: str, target: str, size: int) -> int:
        """How long so many bytes take."""
        if source == target:
            return _SAME_HOST_US
        conditions = self.conditions
        rate = conditions.bytes_per_second
        return (
            conditions.delay_us + self.dice.below(conditions.jitter_us + 1) + (size * 1_000_000 // rate if rate else 0)
        )

    # Connections.

    def listen(
        self,
        process: Process,
        protocol_factory: Callable[[], asyncio.BaseProtocol],
        host: str | None,
        port: int,
        backlog: int,
        *,
        start_serving: bool,
    ) -> SimServer:
        """Takes a port of the process's host. Raises OSError if it is taken, or is not this host's."""
        own = self._hosts[process.host]
        if host and self._host(host, process.host) is not own:
            raise OSError(errno.EADDRNOTAVAIL, f"{host} is not an address of {process.host}")
        if port in own.ports:
            raise OSError(errno.EADDRINUSE, f"{process.host}:{port}: {os.strerror(errno.EADDRINUSE)}")
        server = SimServer(self, process, protocol_factory, (own.address, port or self._free_port()), backlog)
        own.ports[server.port] = server
        if start_serving:
            server.serve()
        return server

    def _free_port(self) -> int:
        self._next_port += 1
        return self._next_port

    def unlisten(self, server: SimServer) -> None:
        """Frees the port."""
        self._hosts[server.process.host].ports.pop(server.port, None)

    async def connect(
        self, process: Process, protocol_factory: Callable[[], T], host: str, port: int
    ) -> tuple[asyncio.Transport, T]:
        """A connection from a process to a port. Raises socket.gaierror, TimeoutError, ConnectionRefusedError."""
        target = self._host(host, process.host)
        ready: asyncio.Future[SimTransport] = self.loop.create_future()
        delay = self.delay_us(process.host, target.name, 0)
        self.loop.after_us(delay, self._knock, _Knock(process, target, port, ready), FIRST_RETRY_US, 0)
        transport = await ready
        protocol = protocol_factory()
        transport.open(protocol)  # type: ignore[arg-type]  # The caller's type is its protocol's, which asyncio does not bound.
        return transport, protocol

    def _knock(self, knock: _Knock, retry_us: int, waited_us: int) -> None:
        """The first packet of a connection arrives, or not."""
        process, target, port, ready = knock
        if ready.done() or not process.alive:
            return
        there = self.reaches(process.host, target.name) and self.reaches(target.name, process.host)
        server = target.ports.get(port)
        is_serving = server is not None and server.is_serving()
        if not there or self.loses() or (server is not None and is_serving and not server.has_room):
            if waited_us >= self.conditions.connect_limit_ms * 1000:
                self.count("connects timed out")
                ready.set_exception(TimeoutError(errno.ETIMEDOUT, f"{target.name}:{port} does not answer"))
                return
            again = min(2 * retry_us, LAST_RETRY_US)
            self.loop.after_us(retry_us, self._knock, knock, again, waited_us + retry_us)
            return
        back = self.delay_us(target.name, process.host, 0)
        if server is None or not is_serving:
            self.count("connects refused")
            self.loop.after_us(back, _refuse, knock)
            return
        near = self._join(process, server)
        self.note("connects", source=process.host, target=target.name)
        self.loop.after_us(back, _answer, ready, near)

    def _join(self, process: Process, server: SimServer) -> SimTransport:
        """Two ends with two pipes between them; the far one is handed to its server."""
        here, there = (self._hosts[process.host].address, self._free_port()), server.sockets[0].name
        near = SimTransport(self, process, (here, there))
        far = SimTransport(self, server.process, (there, here))
        out, back = Pipe(self, near, far), Pipe(self, far, near)
        near.join(far, back, out)
        far.join(near, out, back)
        for end in (near, far):
            self._hosts[end.host].transports[end] = None
        self.count("connections")
        server.accept(far)
        return near

    def forget(self, transport: SimTransport) -> None:
        """A connection is over."""
        self._hosts[transport.host].transports.pop(transport, None)

    def reset(self, source: str, end: End) -> None:
        """Sends a reset to an end of a connection; one that gets lost is not sent again."""
        if source in self._down:
            return
        self.loop.after_us(self.delay_us(source, end.host, 0), self._reset_arrives, source, end)

    def _reset_arrives(self, source: str, end: End) -> None:
        if self.reaches(source, end.host) and end.process.alive:
            self.count("resets")
            end.broken(ConnectionResetError(errno.ECONNRESET, f"reset by {source}"))

    def reset_all(self, host: str) -> None:
        """Something on the way breaks every connection of a host; both ends see it at once."""
        for transport in list(self._hosts[host].transports):
            for end in (transport, transport.peer):
                self.count("resets")
                end.broken(ConnectionResetError(errno.ECONNRESET, "reset on the way"))

    # Telling.

    def count(self, what: str) -> None:
        """Counts what happened."""
        self.counts[what] += 1

    def note(self, what: str, **particulars: object) -> None:
        """Tells whoever observes."""
        if self._observe is not None:
            self._observe(what, **particulars)


class _Knock(NamedTuple):
    """An attempt to connect."""

    process: Process
    target: _Host
    port: int
    ready: asyncio.Future[SimTransport]


def _answer(ready: asyncio.Future[SimTransport], transport: SimTransport) -> None:
    if ready.done():
        transport.abort()
    else:
        ready.set_result(transport)


def _refuse(knock: _Knock) -> None:
    if not knock.ready.done() and knock.process.alive:
        text = f"{knock.target.name}:{knock.port} refuses"
        knock.ready.set_exception(ConnectionRefusedError(errno.ECONNREFUSED, text))
