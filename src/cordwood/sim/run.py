"""One run: machines with real nodes, clients at work, faults, peace, and whether every promise was kept.

      start ──> clients produce, commit, read │ nemesis ──> peace ──> all finish in time ──┐
            promises <── every node stops <── everything is read back <── power failure <──┘

Lives here: the order of a run and its outcome. Must not live here: faults (`nemesis`), promises (`promises`).
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol, TypeVar

from cordwood.node.configuration import load
from cordwood.sim.clients.committed_reader import CommittedReader
from cordwood.sim.clients.connection import Address, BrokerConnection
from cordwood.sim.clients.keeper import Keeper
from cordwood.sim.clients.mover import Mover
from cordwood.sim.clients.producer import Producer
from cordwood.sim.clients.reader import Reader
from cordwood.sim.clients.registers import ClientQuota, GroupOffset, LogStart, PartitionCount, Register, Setting
from cordwood.sim.clients.transactor import Transactor
from cordwood.sim.loop import Bounds, OutOfBounds
from cordwood.sim.machine import Machine
from cordwood.sim.nemesis import Nemesis
from cordwood.sim.process import Process
from cordwood.sim.promises import broken
from cordwood.sim.promises.notes import Notes, Place, Stored
from cordwood.sim.world import SimWorld
from cordwood.wire.errors import ErrorCode
from cordwood.wire.messages.create_topics import CreatableTopic, CreateTopicsRequest, CreateTopicsResponse

if TYPE_CHECKING:
    from cordwood.sim.trace import Event

T = TypeVar("T")

PORT: Final = 9092
TOPIC: Final = "orders"
TRANSACTIONS_TOPIC: Final = "payments"
"""What transactional producers write to."""
GROWING_TOPIC: Final = "harvest"
"""What gets more and more partitions."""
TRIMMED_TOPIC: Final = "diary"
"""What loses its oldest records again and again."""
DIRECTORIES: Final = ("/data", "/more")
CREATE_VERSION: Final = 4
SETTLE_MS: Final = 2_000
"""After a node stopped, its peers get so long to hear of it."""

SETTINGS: Final = {
    "log.segment.bytes": "4000",
    "offsets.topic.num.partitions": "2",
    "offsets.topic.segment.bytes": "3000",
    "transaction.state.log.num.partitions": "2",
    "transaction.state.log.segment.bytes": "3000",
    "log.flush.offset.checkpoint.interval.ms": "2000",
    "log.idle.ms": "400",
    "log.cleaner.min.cleanable.ratio": "0.1",
    "log.cleaner.dedupe.buffer.size": "1048576",
    "group.initial.rebalance.delay.ms": "0",
    "metadata.log.max.record.bytes.between.snapshots": "500",
}
"""Small files, so that a short run sees many of them, and logs that rest soon, so that it sees them wake."""


class Plan(NamedTuple):
    """What a run consists of. Clients are counted for each machine."""

    machines: int = 1
    partitions: int = 2
    producers: int = 3
    groups: int = 2
    transactors: int = 2
    """Every other one is of version 2."""
    administration: bool = True
    """Whether settings, quotas, partitions and directories are changed meanwhile."""
    fault_seconds: float = 12.0
    finish_seconds: float = 60.0
    """After the last fault everybody finishes within so much virtual time."""
    steps: int = 2_000_000
    settings: tuple[tuple[str, str], ...] = ()
    """Broker settings over those of `SETTINGS`."""


class Outcome(NamedTuple):
    """What became of a run."""

    seed: int
    violations: list[str]
    counts: Counter[str]
    steps: int
    seconds: float
    """Virtual ones."""
    story: tuple[str, ...]
    """The faults and what else is rare, a line each."""

    def __str__(self) -> str:
        if not self.violations:
            return f"seed {self.seed}: every promise was kept, {self.steps} steps, {self.seconds:.1f} virtual seconds"
        head = f"seed {self.seed} broke {len(self.violations)} promises; python -m cordwood.sim --seed {self.seed}"
        return "\n  ".join([head, *self.violations, "What happened:", *self.story])


class _Client(Protocol):
    """Somebody who works until told to finish."""

    finishing: bool

    async def run(self) -> None: ...


def run(seed: int, plan: Plan | None = None, observe: Callable[[Event], None] | None = None) -> Outcome:
    """Runs one seed to its end. It raises nothing that happens in there: what goes wrong is a violation."""
    plan = plan or Plan()
    with SimWorld(seed, bounds=Bounds(steps=plan.steps), observe=observe) as world:
        one = Run(world, plan)
        try:
            world.loop.run_until_complete(one.play())
        except OutOfBounds as error:
            one.violations.append(str(error))
        except Exception as error:  # noqa: BLE001 - a run that fails is reported with its seed, whatever it was.
            one.violations.append(f"the run could not go on: {error!r}")
        found = [*one.violations, *(str(error) for error in world.loop.unhandled)]
        counts = world.trace.counts + world.network.counts
        story = tuple(str(event) for event in world.trace.story)
        return Outcome(seed, found, counts, world.loop.steps, world.loop.time(), story)


class Run:
    """The parts of one run."""

    def __init__(self, world: SimWorld, plan: Plan) -> None:
        self._world = world
        self._plan = plan
        self._notes = Notes()
        self._machines = [self._machine(number) for number in range(1, plan.machines + 1)]
        self._clients: list[_Client] = []
        self._watched: list[Keeper | Mover] = []
        self._transactors: list[Transactor] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._hosts: list[str] = []
        self.violations: list[str] = []

    def _machine(self, number: int) -> Machine:
        name = f"n{number}"
        flags = {"log.dirs": ",".join(DIRECTORIES), "listeners": f"{name}:{PORT}", "node.id": str(number)}
        settings = {**SETTINGS, **dict(self._plan.settings)}
        sets = [f"{setting}={value}" for setting, value in settings.items()]
        return Machine(self._world, name, load(flags=flags, sets=sets))

    # The parts, in their order.

    async def play(self) -> None:
        """From the first start to the last look."""
        for machine in self._machines:
            machine.start()
        await self._as_client("admin", self._create_topics)
        self._start_clients()
        await Nemesis(self._world, self._machines, self._hosts).run(self._plan.fault_seconds)
        if await self._finish():
            for machine in self._machines:
                machine.cut_power()
                machine.start()
            stored = await self._as_client("auditor", self._read_back)
            visible = await self._as_client("second auditor", self._read_committed)
            await self._stop()
            self.violations += broken(self._notes, stored, visible)
        self.violations += [f"{one.name}: {error!r}" for one in self._machines for error in one.failures]

    async def _create_topics(self, process: Process) -> None:
        for machine in self._machines:
            connection = self._connection(process, machine)
            topics = [CreatableTopic(name, self._plan.partitions, 1) for name in (TOPIC, TRANSACTIONS_TOPIC)]
            topics += [CreatableTopic(name, 1, 1) for name in (GROWING_TOPIC, TRIMMED_TOPIC)]
            request = CreateTopicsRequest(topics, 10_000)
            await connection.ask_until(request, CREATE_VERSION, CreateTopicsResponse, _create_codes)
            connection.abort()

    def _start_clients(self) -> None:
        notes = self._notes
        for machine in self._machines:
            places = [(machine.name, TOPIC, partition) for partition in range(self._plan.partitions)]
            for number in range(self._plan.producers):
                connection = self._client(f"producer-{number}", machine)
                self._start(connection, Producer(connection, places[number % len(places)], notes))
            for number in range(self._plan.groups):
                self._start_keeper(
                    f"committer-{number}", machine, [GroupOffset(f"{machine.name}-group-{number}", TOPIC)]
                )
            for place in places:
                connection = self._client(f"reader-{place[2]}", machine)
                reader = Reader(connection, place, notes)
                notes.read[place] = reader.found
                self._start(connection, reader)
            self._start_transactions(machine)
            if self._plan.administration:
                self._start_keeper("admin", machine, registers_of(machine.name))
                connection = self._client("mover", machine)
                mover = Mover(connection, [*places, *self._payments(machine)], DIRECTORIES, notes)
                self._watched.append(mover)
                self._start(connection, mover)

    def _start_keeper(self, role: str, machine: Machine, registers: Sequence[Register]) -> None:
        connection = self._client(role, machine)
        keeper = Keeper(connection, registers, self._notes)
        self._watched.append(keeper)
        self._start(connection, keeper)

    def _start_transactions(self, machine: Machine) -> None:
        notes = self._notes
        places = self._payments(machine)
        for number in range(self._plan.transactors):
            connection = self._client(f"transactor-{number}", machine)
            transactor = Transactor(connection, places, notes, version_2=bool(number % 2))
            self._transactors.append(transactor)
            self._start(connection, transactor)
        for place in places if self._plan.transactors else ():
            connection = self._client(f"committed-reader-{place[2]}", machine)
            reader = CommittedReader(connection, place, notes)
            notes.read_committed[place] = reader.found
            self._start(connection, reader)

    def _payments(self, machine: Machine) -> list[Place]:
        return [(machine.name, TRANSACTIONS_TOPIC, partition) for partition in range(self._plan.partitions)]

    def _client(self, role: str, machine: Machine) -> BrokerConnection:
        process = self._new_host(f"{role}-of-{machine.name}")
        self._hosts.append(process.host)
        return self._connection(process, machine)

    def _start(self, connection: BrokerConnection, client: _Client) -> None:
        self._clients.append(client)
        loop = self._world.loop
        self._tasks.append(connection.process.call(lambda: loop.create_task(client.run(), name=connection.name)))

    async def _finish(self) -> bool:
        """Everybody finishes in time."""
        for client in self._clients:
            client.finishing = True
        _, late = await asyncio.wait(self._tasks, timeout=self._plan.finish_seconds)
        names = sorted(task.get_name() for task in late)
        self.violations += [f"{name} did not finish within {self._plan.finish_seconds} s of peace" for name in names]
        for task in self._tasks:
            if task not in late and (error := task.exception()) is not None:
                self.violations.append(f"{task.get_name()} failed: {error!r}")
        return not late

    async def _read_back(self, process: Process) -> dict[Place, list[Stored]]:
        """All records, and once more every register and where partitions are."""
        for client in self._watched:
            await client.look()
        found = {}
        for machine in self._machines:
            for partition in range(self._plan.partitions):
                place = (machine.name, TOPIC, partition)
                found[place] = await Reader(self._connection(process, machine), place, self._notes).read_all()
        return found

    async def _read_committed(self, process: Process) -> dict[Place, list[bytes]]:
        """What was committed, when every transaction is over, and the offsets that went with it."""
        found = {}
        for machine in self._machines:
            for place in self._payments(machine):
                found[place] = await CommittedReader(self._connection(process, machine), place, self._notes).read_all()
        for transactor in self._transactors:
            await transactor.look()
        return found

    async def _stop(self) -> None:
        """Every node stops in good order and leaves nothing behind."""
        processes = [machine.process for machine in self._machines]
        for machine in self._machines:
            await machine.stop()
        await asyncio.sleep(SETTLE_MS / 1000)
        for process in processes:
            if process is not None:
                self.violations += [f"left behind: {text}" for text in self._world.loop.left_behind(process)]

    # Clients.

    def _new_host(self, name: str) -> Process:
        self._world.network.add_host(name)
        return Process(name, name)

    def _connection(self, process: Process, machine: Machine) -> BrokerConnection:
        dice = self._world.dice(f"client {process.name} of {machine.name}")
        return BrokerConnection(process, Address(machine.name, PORT), dice, self._world.trace)

    async def _as_client(self, name: str, work: Callable[[Process], Coroutine[Any, Any, T]]) -> T:
        process = self._new_host(name)
        task = process.call(lambda: self._world.loop.create_task(work(process)))
        done, _ = await asyncio.wait([task], timeout=self._plan.finish_seconds)
        if not done:
            raise TimeoutError(f"{name} did not finish within {self._plan.finish_seconds} s")
        return task.result()


def registers_of(machine: str) -> list[Register]:
    """What an administrator changes: in each kind of what the metadata keep, and in one log."""
    settings = (
        (2, TOPIC, "retention.ms", 10**12),
        (4, "", "message.max.bytes", 2_000_000),
        (16, "everybody", "interval.ms", 400_000),
        (32, f"{machine}-group-0", "consumer.session.timeout.ms", 45_001),
    )
    return [
        *(Setting(machine, *setting) for setting in settings),
        ClientQuota(f"producer-0-of-{machine}"),
        PartitionCount(machine, GROWING_TOPIC),
        LogStart(machine, TRIMMED_TOPIC),
    ]


def _create_codes(response: CreateTopicsResponse) -> list[int]:
    codes = [topic.error_code for topic in response.topics]
    return [code for code in codes if code != ErrorCode.TOPIC_ALREADY_EXISTS]
