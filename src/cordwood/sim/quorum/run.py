"""One run of a quorum: nodes, clients, faults from a list, peace, and whether everything held at every moment.

      begin ──> clients work │ faults of the list ──> peace ──> a leader, and all agree, in time ──> finish

Lives here: the order of a run and its outcome, and the shortest list of faults that leads to the same. Must not live here:
nodes and clients (`cluster`), faults (`faults`), invariants.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from cordwood.sim.loop import Bounds, OutOfBounds
from cordwood.sim.quorum.faults import WEIGHTS, carry_out
from cordwood.sim.quorum.invariant import Broken
from cordwood.sim.quorum.schedule import Fault, draw, only
from cordwood.sim.quorum.shortening import TRIES, shorten
from cordwood.sim.world import SimWorld

if TYPE_CHECKING:
    from cordwood.sim.quorum.field import Field
    from cordwood.sim.trace import Event

AGREE_SECONDS: Final = 20.0
"""After the faults stop there is a leader, and all agree, within so much virtual time."""

LOOK_SECONDS: Final = 0.1


class Plan(NamedTuple):
    """What a run consists of."""

    nodes: int = 3
    fault_seconds: float = 9.0
    admins: int = 2
    topics: int = 3
    kinds: tuple[str, ...] = ()
    """Only faults of these kinds are drawn; without any, of some of all."""
    only: tuple[int, ...] | None = None
    """The numbers of the faults that come; without it all of them."""
    steps: int = 1_500_000
    settings: tuple[tuple[str, str], ...] = ()
    """Settings of the nodes over those of the simulation."""


class Cluster(Protocol):
    """What a run is of."""

    @property
    def field(self) -> Field:
        """What faults play on."""
        ...

    @property
    def failures(self) -> list[str]:
        """What went wrong with nodes and clients so far."""
        ...

    async def begin(self) -> None:
        """Founds the cluster, starts its nodes, and then its clients."""
        ...

    def disagreement(self) -> str:
        """Why it is not said that there is a leader, and all agree with it; empty if so."""
        ...

    async def finish(self) -> list[str]:
        """Clients finish, and what they were told is judged; nodes stop. Returns what is wrong."""
        ...


class Outcome(NamedTuple):
    """What became of a run."""

    seed: int
    plan: Plan
    violations: list[str]
    counts: Counter[str]
    steps: int
    seconds: float
    """Virtual ones."""
    faults: tuple[Fault, ...]
    """Those that came."""
    story: tuple[str, ...]
    """What is rare, a line each."""

    def __str__(self) -> str:
        if not self.violations:
            return f"seed {self.seed}: everything held, {self.steps} steps, {self.seconds:.1f} virtual seconds"
        command = f"python -m cordwood.sim --quorum {self.plan.nodes} --seed {self.seed}"
        if self.plan.kinds:
            command += f" --faults {','.join(self.plan.kinds)!r}"
        if self.plan.only is not None:
            command += f" --only {','.join(map(str, self.plan.only)) or 'none'}"
        head = f"seed {self.seed}: {len(self.violations)} did not hold; {command}"
        faults = [str(fault) for fault in self.faults]
        return "\n  ".join([head, *self.violations, "Faults:", *faults, "What happened:", *self.story])


NewCluster = Callable[[SimWorld, Plan], Cluster]


def run(seed: int, plan: Plan, new_cluster: NewCluster, observe: Callable[[Event], None] | None = None) -> Outcome:
    """Runs one seed to its end. It raises nothing that happens in there: what goes wrong is a violation."""
    with SimWorld(seed, bounds=Bounds(steps=plan.steps), observe=observe) as world:
        weights = {kind: WEIGHTS[kind] for kind in plan.kinds} or WEIGHTS
        faults = draw(world.dice("faults"), plan.fault_seconds, weights)
        if plan.only is not None:
            faults = only(faults, plan.only)
        violations: list[str] = []
        cluster = new_cluster(world, plan)
        try:
            world.loop.run_until_complete(_play(cluster, faults, plan.fault_seconds, violations))
        except (Broken, OutOfBounds) as error:
            violations.append(str(error))
        except Exception as error:  # noqa: BLE001 - a run that fails is reported with its seed, whatever it was.
            violations.append(f"the run could not go on: {error!r}")
        violations += [*cluster.failures, *(str(error) for error in world.loop.unhandled)]
        story = tuple(str(event) for event in world.trace.story)
        counts = world.trace.counts + world.network.counts
        return Outcome(seed, plan, violations, counts, world.loop.steps, world.loop.time(), tuple(faults), story)


def shortest(outcome: Outcome, new_cluster: NewCluster, tries: int = TRIES) -> Outcome:
    """The run with the fewest faults found that still breaks something; the same one if it broke nothing."""
    if not outcome.violations:
        return outcome
    found = outcome

    def still_fails(faults: list[Fault]) -> bool:
        nonlocal found
        plan = outcome.plan._replace(only=tuple(fault.number for fault in faults))
        tried = run(outcome.seed, plan, new_cluster)
        if tried.violations:
            found = tried
        return bool(tried.violations)

    shorten(outcome.faults, still_fails, tries)
    return found


async def _play(cluster: Cluster, faults: Sequence[Fault], seconds: float, violations: list[str]) -> None:
    await cluster.begin()
    tasks = [asyncio.ensure_future(_carry_out_at(fault, cluster.field)) for fault in faults]
    await asyncio.sleep(seconds)
    for task in tasks:
        task.cancel()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    violations += [f"a fault could not be done: {one!r}" for one in outcomes if isinstance(one, Exception)]
    cluster.field.peace()
    if await _agree(cluster, violations):
        violations += await cluster.finish()


async def _carry_out_at(fault: Fault, field: Field) -> None:
    await asyncio.sleep(fault.at_ms / 1000)
    await carry_out(fault, field)


async def _agree(cluster: Cluster, violations: list[str]) -> bool:
    """Waits for a leader with whom all agree; False if that takes too long."""
    for _ in range(int(AGREE_SECONDS / LOOK_SECONDS)):
        cluster.field.start_all()
        if not cluster.disagreement():
            return True
        await asyncio.sleep(LOOK_SECONDS)
    violations.append(f"after {AGREE_SECONDS} s of peace {cluster.disagreement()}")
    return False
