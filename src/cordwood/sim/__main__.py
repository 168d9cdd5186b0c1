"""`python -m cordwood.sim --seed N` replays one run and prints what happened, one line an event.

Lives here: arguments and printing. Must not live here: the run (`run`).
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from cordwood.sim.quorum import run as quorum
from cordwood.sim.quorum.cluster import QuorumCluster
from cordwood.sim.quorum.faults import FAULTS
from cordwood.sim.run import Plan, run

if TYPE_CHECKING:
    from cordwood.sim.trace import Event

DEFAULTS = Plan()
QUORUM = quorum.Plan()
ALL = "all"


@click.command()
@click.option("--seed", type=int, required=True, help="Which run; the same number runs the same events.")
@click.option("--count", type=click.IntRange(1), default=1, help="So many seeds, from --seed on.")
@click.option("--machines", type=click.IntRange(1), default=DEFAULTS.machines, show_default=True)
@click.option(
    "--quorum", "nodes", type=click.IntRange(2), metavar="NODES", help="One cluster of so many nodes instead."
)
@click.option("--faults", default=ALL, metavar="KINDS", help="With --quorum: of these kinds alone, as 'kill,bridge'.")
@click.option(
    "--only", default=ALL, metavar="NUMBERS", help="With --quorum: these faults of the run alone, as 3,7; or none."
)
@click.option(
    "--fault-seconds",
    type=float,
    help=f"Virtual seconds; {DEFAULTS.fault_seconds:g} if not given, of a quorum {QUORUM.fault_seconds:g}.",
)
@click.option("--set", "sets", multiple=True, metavar="NAME=VALUE", help="A setting of the brokers.")
@click.option(
    "--steps", type=click.IntRange(1), default=DEFAULTS.steps, show_default=True, help="A run ends after so many."
)
@click.option("--json", "as_json", is_flag=True, help="Events as JSON, one object a line.")
@click.option("--quiet", is_flag=True, help="Only the outcomes.")
def main(
    *,
    seed: int,
    count: int,
    machines: int,
    nodes: int | None,
    faults: str,
    only: str,
    fault_seconds: float | None,
    sets: tuple[str, ...],
    steps: int,
    as_json: bool,
    quiet: bool,
) -> None:
    """Runs real nodes in a simulated world, under faults, and tells whether they kept their promises."""

    def tell(event: Event) -> None:
        click.echo(event.as_json() if as_json else str(event))

    observe = None if quiet else tell
    settings = tuple((name, value) for name, _, value in (one.partition("=") for one in sets))
    plan = DEFAULTS._replace(
        machines=machines, fault_seconds=fault_seconds or DEFAULTS.fault_seconds, steps=steps, settings=settings
    )
    quorum_plan = QUORUM._replace(
        nodes=nodes or QUORUM.nodes,
        fault_seconds=fault_seconds or QUORUM.fault_seconds,
        kinds=_kinds(faults),
        only=_numbers(only),
        steps=steps,
        settings=settings,
    )
    broken = 0
    with _unheard_nodes():
        for one in range(seed, seed + count):
            outcome = run(one, plan, observe) if nodes is None else _run_quorum(one, quorum_plan, observe)
            broken += bool(outcome.violations)
            click.echo(str(outcome), err=True)
            counted = ", ".join(f"{name} {number}" for name, number in sorted(outcome.counts.items()))
            click.echo(f"  {counted}", err=True)
    sys.exit(1 if broken else 0)


def _run_quorum(seed: int, plan: quorum.Plan, observe: Callable[[Event], None] | None) -> quorum.Outcome:
    """One run; if it breaks something, the shortest way to it, unless it was said which faults come."""
    outcome = quorum.run(seed, plan, QuorumCluster, observe)
    return quorum.shortest(outcome, QuorumCluster) if plan.only is None else outcome


def _kinds(faults: str) -> tuple[str, ...]:
    kinds = () if faults == ALL else tuple(faults.split(","))
    unknown = sorted(set(kinds) - FAULTS.keys())
    if unknown:
        raise click.BadParameter(f"{unknown[0]!r} is none of {', '.join(FAULTS)}", param_hint="--faults")
    return kinds


def _numbers(only: str) -> tuple[int, ...] | None:
    if only == ALL:
        return None
    try:
        return () if only == "none" else tuple(map(int, only.split(",")))
    except ValueError as error:
        raise click.BadParameter(f"{only!r} is no list of numbers such as 3,7", param_hint="--only") from error


@contextmanager
def _unheard_nodes() -> Iterator[None]:
    """What the nodes log about the faults done to them is left out, here and nowhere else in the process."""
    logger = logging.getLogger("cordwood")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)


if __name__ == "__main__":
    main()
