"""An asyncio event loop with virtual time: the same seed runs the same steps in the same order.

      ready (first come, first served) ──> a step costs a microsecond ──> ready ...
                ^                                    │ nothing is ready
                └── timers, by time and then by age <┘ time jumps to the next one

There are no sockets, no threads and no real time. What would run in a thread runs as a step, a seeded while later. A
step belongs to the process whose context it carries: those of a dead process are dropped, those of a paused one wait.

Lives here: time, order, bounds, and asyncio's own interface. Must not live here: the network (`network`).
"""

from __future__ import annotations

import asyncio
import math
import socket
from asyncio.events import _set_running_loop
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Generator
from contextvars import Context
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar, TypeVarTuple

from cordwood.sim.faults import Crashed
from cordwood.sim.process import Process, current_process, process_of

if TYPE_CHECKING:
    from cordwood.env.dice import Dice
    from cordwood.sim.listening import SimServer
    from cordwood.sim.network import Network

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

STEP_US: Final = 1
"""What a step costs, so that code which only ever yields sees time pass."""

_MICROSECONDS: Final = 1_000_000
_CANCELLATIONS: Final = 100


class OutOfBounds(RuntimeError):
    """The simulation went on for longer than it may, or nothing can happen any more."""


class Bounds(NamedTuple):
    """How long a simulation may go on."""

    steps: int = 5_000_000
    seconds: float = 3_600.0
    executor_us: int = 2_000
    """Work that is given to an executor begins after at most so many microseconds."""


class Unhandled(NamedTuple):
    """An error that nobody took: what asyncio would have logged."""

    process: str
    message: str
    error: BaseException | None

    def __str__(self) -> str:
        return f"{self.process}: {self.message}: {self.error!r}"


class _Entry(NamedTuple):
    handle: asyncio.Handle
    process: Process | None


class SimLoop(asyncio.AbstractEventLoop):
    """The event loop of a whole simulated world."""

    def __init__(self, dice: Dice, bounds: Bounds | None = None) -> None:
        self._dice = dice
        self._bounds = bounds or Bounds()
        self._now_us = 0
        self._ready: deque[_Entry] = deque()
        self._timers: list[tuple[int, int, _Entry]] = []
        self._age = 0
        self._tasks: list[tuple[asyncio.Task[Any], Process | None]] = []
        self._task_count = 0
        self._prune_at = 256
        self._running = self._stopping = self._closed = False
        self._stepping: Process | None = None
        self.steps = 0
        """How many steps were taken."""
        self.unhandled: list[Unhandled] = []
        """Errors of living processes that nobody took."""
        self.after_step: Callable[[Process], None] | None = None
        """Called after each step of a process, as the simulation's own doing. What it raises ends the simulation."""
        self.network: Network
        """Set by the network itself when it is made for this loop."""

    # Time.

    def time(self) -> float:
        return self._now_us / _MICROSECONDS

    @property
    def now_us(self) -> int:
        """Microseconds since the beginning."""
        return self._now_us

    # Scheduling.

    def call_soon(
        self, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.Handle:
        """In a step of its own, behind those that are ready."""
        handle = asyncio.Handle(callback, args, self, context)
        self._enter(handle, context)
        return handle

    def call_soon_threadsafe(
        self, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.Handle:
        return self.call_soon(callback, *args, context=context)

    def _enter(self, handle: asyncio.Handle, context: Context | None) -> None:
        process = process_of(context)
        if not self._closed and (process is None or process.alive):
            self._ready.append(_Entry(handle, process))

    def call_later(
        self, delay: float, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.TimerHandle:
        return self.call_at(self.time() + delay, callback, *args, context=context)

    def call_at(
        self, when: float, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """In a step of its own, not before `when` (seconds of this loop, but for the drift of the process's clock)."""
        handle = asyncio.TimerHandle(when, callback, args, self, context)
        process, when_us = process_of(context), math.ceil(when * _MICROSECONDS)
        if process is not None and process.drift_ppm:
            when_us = self._now_us + (when_us - self._now_us) * _MICROSECONDS // (_MICROSECONDS + process.drift_ppm)
        self._set(when_us, _Entry(handle, process))
        return handle

    def after_us(self, delay_us: int, callback: Callable[[*Ts], object], *args: *Ts) -> None:
        """Calls back so many microseconds from now, as the simulation's own doing and not that of any process."""
        context = Context()
        self._set(self._now_us + delay_us, _Entry(asyncio.Handle(callback, args, self, context), None))

    def _set(self, when_us: int, entry: _Entry) -> None:
        if self._closed or (entry.process is not None and not entry.process.alive):
            return
        self._age += 1
        heappush(self._timers, (when_us, self._age, entry))

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """A cancelled timer is dropped when its time comes."""

    # Running.

    def run_forever(self) -> None:
        """Takes steps until `stop` is called. Raises OutOfBounds."""
        if self._running:
            raise RuntimeError("This event loop is already running")
        self._running = True
        _set_running_loop(self)
        try:
            while not self._stopping:
                self._step()
        finally:
            self._running = self._stopping = False
            _set_running_loop(None)

    def run_until_complete(self, future: Generator[Any, None, T] | Awaitable[T]) -> T:
        """Takes steps until the future is done, and gives its result. Raises OutOfBounds."""
        whole: asyncio.Future[T] = asyncio.ensure_future(future, loop=self)  # type: ignore[arg-type]  # as in asyncio
        whole.add_done_callback(lambda _: self.stop())
        self.run_forever()
        return whole.result()

    def _step(self) -> None:
        while self._timers and self._timers[0][0] <= self._now_us:
            self._ready.append(heappop(self._timers)[2])
        if not self._ready:
            self._jump()
            return
        handle, process = self._ready.popleft()
        if handle.cancelled() or (process is not None and not process.alive):
            return
        if process is not None and process.paused_until_us > self._now_us:
            self._set(process.paused_until_us, _Entry(handle, process))
            return
        self.steps += 1
        self._now_us += STEP_US
        self._stepping = process
        if self.steps > self._bounds.steps:
            raise OutOfBounds(f"{self.steps} steps were taken and it is not over: {self.waiting()}")
        handle._run()  # noqa: SLF001 - asyncio's loops and handles are one piece, and this is how a loop runs one.
        if process is not None and self.after_step is not None:
            self.after_step(process)

    def _jump(self) -> None:
        while self._timers and self._timers[0][2].handle.cancelled():
            heappop(self._timers)
        if not self._timers:
            raise OutOfBounds(f"nothing will ever happen again, and these wait: {self.waiting()}")
        self._now_us = max(self._now_us, self._timers[0][0])
        if self.time() > self._bounds.seconds:
            raise OutOfBounds(f"{self._bounds.seconds} virtual seconds are over: {self.waiting()}")

    def stop(self) -> None:
        self._stopping = True

    def is_running(self) -> bool:
        return self._running

    def is_closed(self) -> bool:
        return self._closed

    def close(self) -> None:
        """Forgets everything. Tasks that are left are ended, so that nothing of them happens when memory is freed."""
        if self._closed:
            return
        self._closed = True
        self._ready.clear()
        self._timers.clear()
        while self._tasks:  # What they begin on their way out is ended, too.
            task, process = self._tasks.pop()
            if not task.done():
                _end(task, process)

    async def shutdown_asyncgens(self) -> None:
        """Asynchronous generators are not tracked."""

    async def shutdown_default_executor(self) -> None:
        """There are no threads to wait for."""

    # Tasks and futures.

    def create_future(self) -> asyncio.Future[Any]:
        return asyncio.Future(loop=self)

    def create_task(
        self,
        coro: Generator[Any, None, T] | Coroutine[Any, Any, T],
        *,
        name: object = None,
        context: Context | None = None,
    ) -> asyncio.Task[T]:
        """A task of the process that the context belongs to. Names are numbers of this loop, so that they come again."""
        self._task_count += 1
        text = f"task-{self._task_count}" if name is None else str(name)
        task: asyncio.Task[T] = asyncio.Task(coro, loop=self, name=text, context=context)
        self._tasks.append((task, process_of(context)))
        if len(self._tasks) > self._prune_at:
            # Those of dead processes are kept: what their coroutines do when freed must not happen in the middle.
            self._tasks = [(one, process) for one, process in self._tasks if not one.done()]
            self._prune_at = 256 + 2 * len(self._tasks)
        return task

    def waiting(self) -> list[str]:
        """The tasks of the living that are not done."""
        return [
            f"{process.name if process else 'the simulation'}: {task.get_name()} {_name(task)}"
            for task, process in self._tasks
            if not task.done() and (process is None or process.alive)
        ]

    def left_behind(self, process: Process) -> list[str]:
        """The tasks that a process, dead or alive, has not ended."""
        return [f"{task.get_name()} {_name(task)}" for task, one in self._tasks if one is process and not task.done()]

    # What others do in threads.

    def run_in_executor(self, executor: object, func: Callable[[*Ts], T], *args: *Ts) -> asyncio.Future[T]:
        """Calls the function in a step of its own, a seeded while later; there is only one executor."""
        future: asyncio.Future[T] = self.create_future()

        def carry_out() -> None:
            if future.cancelled():
                return
            try:
                future.set_result(func(*args))
            except Exception as error:  # noqa: BLE001 - as executors do: whoever waits for the future gets it.
                future.set_exception(error)

        self.call_later(self._dice.below(self._bounds.executor_us) / _MICROSECONDS, carry_out)
        return future

    def set_default_executor(self, executor: object) -> None:
        raise NotImplementedError("the simulation has no threads: executors cannot be set")

    # The network.

    async def getaddrinfo(  # type: ignore[override]  # ports are numbers here
        self,
        host: str | None,
        port: int | None,
        *,
        family: int = 0,
        type: int = 0,  # noqa: A002 - asyncio's name for it
        proto: int = 0,
        flags: int = 0,
    ) -> list[tuple[socket.AddressFamily, socket.SocketKind, int, str, tuple[str, int]]]:
        """The address of a host of the network. Raises socket.gaierror."""
        address = self.network.address_of(host or "localhost", self._host())
        return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, port or 0))]

    async def create_server(  # type: ignore[override]  # typeshed has one signature for each kind of socket
        self,
        protocol_factory: Callable[[], asyncio.BaseProtocol],
        host: str | None = None,
        port: int | None = None,
        *,
        backlog: int = 100,
        start_serving: bool = True,
        reuse_address: bool | None = None,
        **options: object,
    ) -> SimServer:
        """Listens on the host of the process that asks. Raises OSError, NotImplementedError for options beyond these."""
        _refuse(options)
        process = self._process()
        return self.network.listen(process, protocol_factory, host, port or 0, backlog, start_serving=start_serving)

    async def create_connection(
        self, protocol_factory: Callable[[], T], host: str | None = None, port: int | None = None, **options: object
    ) -> tuple[asyncio.Transport, T]:
        """Connects from the host of the process that asks. Raises OSError, NotImplementedError for options."""
        _refuse(options)
        if host is None or port is None:
            raise ValueError("the simulation connects to a host and a port")
        return await self.network.connect(self._process(), protocol_factory, host, port)

    def _host(self) -> str:
        process = current_process()
        return process.host if process else "localhost"

    def _process(self) -> Process:
        process = current_process()
        if process is None:
            raise RuntimeError("only a process has a host, and only from a host can one listen or connect")
        return process

    # Errors.

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """Keeps what asyncio would have logged; the dead, and those who see that they are dead, tell nothing."""
        process, error = current_process() or self._stepping, context.get("exception")
        is_dead = process is not None and not process.alive
        if not self._closed and not is_dead and not isinstance(error, Crashed):
            name = process.name if process else "the simulation"
            self.unhandled.append(Unhandled(name, str(context.get("message")), error))

    def default_exception_handler(self, context: dict[str, Any]) -> None:
        self.call_exception_handler(context)

    def get_exception_handler(self) -> None:
        return None

    def set_exception_handler(self, handler: object) -> None:
        raise NotImplementedError("the simulation keeps unhandled errors in `unhandled`")

    def get_debug(self) -> bool:
        return False

    def set_debug(self, enabled: bool) -> None:
        """There is no debug mode: virtual time knows no slow callbacks."""


def new_loop(dice: Dice, bounds: Bounds | None = None) -> SimLoop:
    """A loop at the beginning of its time. What of asyncio's interface it does not have raises NotImplementedError."""
    return SimLoop(dice, bounds)  # type: ignore[abstract]  # asyncio's own base class answers for what is not simulated.


def _refuse(options: dict[str, object]) -> None:
    """What the simulated network cannot do is refused rather than left out."""
    asked = sorted(name for name, value in options.items() if value)
    if asked:
        raise NotImplementedError(f"the simulated network does not know {', '.join(asked)}")


def _name(task: asyncio.Task[Any]) -> str:
    return getattr(task.get_coro(), "__qualname__", "?")


def _end(task: asyncio.Task[Any], process: Process | None) -> None:
    """Ends a coroutine as a dead process leaves it: whatever it wants to do then, it does into the void.

    It is cancelled, again and again if it awaits something on its way out. To close it would not do: who is closed while
    somebody awaits him, and awaits something himself, is left behind, to end when his memory is freed.
    """
    coroutine = task.get_coro()
    assert coroutine is not None, f"{task} is done"
    context = process.context.copy() if process else Context()
    for _ in range(_CANCELLATIONS):
        try:
            context.run(coroutine.throw, asyncio.CancelledError())
        except BaseException:  # noqa: BLE001 - it belongs to a world that is over; nobody is left to be told.
            return
