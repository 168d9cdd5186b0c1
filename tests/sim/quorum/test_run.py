"""Runs of bare nodes: what holds, what does not, and the shortest way to it."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from cordwood.sim.quorum import run as runs
from cordwood.sim.quorum.run import Outcome, Plan, run, shortest
from cordwood.sim.quorum.schedule import Fault
from cordwood.sim.trace import Event
from cordwood.sim.world import SimWorld
from tests.sim.quorum.bare import BareGroup

SEEDS = range(1, 7)

COVERED = (
    "leads",
    "commits",
    "cuts",
    "snapshot made",
    "snapshot installed",
    "joint configuration",
    "kill",
    "power off",
    "pause",
)


def play(seed: int, observe=None, **values) -> Outcome:
    return run(seed, Plan(nodes=3 if seed % 2 else 5, **values), BareGroup.of_plan, observe)


def test_everything_holds_in_every_seed():
    counts: Counter[str] = Counter()
    for seed in SEEDS:
        outcome = play(seed)
        assert not outcome.violations, str(outcome)
        assert str(outcome).startswith(f"seed {seed}: everything held")
        counts += outcome.counts
    assert not [name for name in COVERED if not counts[name]], counts


def test_the_same_seed_gives_the_same_trace():
    def events_of(seed: int) -> list[str]:
        lines: list[str] = []

        def observe(event: Event) -> None:
            lines.append(event.as_json())

        play(seed, observe, fault_seconds=4)
        return lines

    assert events_of(2) == events_of(2) != events_of(4)


class Ground:
    """A field on which nothing is hurt: it notes the numbers of the faults."""

    def __init__(self) -> None:
        self.numbers: set[int] = set()

    def start_all(self) -> None:
        """Nobody is down."""

    peace = start_all


class Fragile:
    """A cluster that breaks if two faults come, whichever else do."""

    NEEDED = frozenset({3, 7})

    def __init__(self, world: SimWorld, plan: Plan) -> None:
        self.field: Any = Ground()
        self.failures: list[str] = []

    async def begin(self) -> None:
        """It is there."""

    def disagreement(self) -> str:
        return ""

    async def finish(self) -> list[str]:
        return ["it broke"] if self.field.numbers >= self.NEEDED else []


@pytest.fixture
def _noted(monkeypatch):
    async def note(fault: Fault, field: Any) -> None:
        field.numbers.add(fault.number)

    monkeypatch.setattr(runs, "carry_out", note)


@pytest.mark.usefixtures("_noted")
def test_what_does_not_hold_is_told_with_the_fewest_faults():
    outcome = run(4, Plan(nodes=5, fault_seconds=20), Fragile)
    assert "python -m cordwood.sim --quorum 5 --seed 4\n  it broke" in str(outcome)
    assert len(outcome.faults) > 8
    short = shortest(outcome, Fragile)
    assert [fault.number for fault in short.faults] == [3, 7]
    assert "--quorum 5 --seed 4 --only 3,7\n" in str(short)
    assert run(short.seed, short.plan, Fragile).violations == short.violations


@pytest.mark.usefixtures("_noted")
def test_what_breaks_without_any_fault_needs_none(monkeypatch):
    monkeypatch.setattr(Fragile, "NEEDED", frozenset())
    short = shortest(run(4, Plan(), Fragile), Fragile)
    assert not short.faults
    assert "--only none\n" in str(short)


def test_what_holds_is_as_short_as_it_is():
    outcome = play(1, fault_seconds=1)
    assert shortest(outcome, BareGroup.of_plan) is outcome


def test_nodes_that_do_not_agree_in_time_are_a_violation(monkeypatch):
    monkeypatch.setattr(BareGroup, "disagreement", lambda self: "nobody agrees")
    assert play(1, fault_seconds=0.5).violations == ["after 20.0 s of peace nobody agrees"]


def test_a_run_that_does_not_begin_is_a_violation(monkeypatch):
    async def refuse(self: BareGroup) -> None:
        raise RuntimeError("no way")

    monkeypatch.setattr(BareGroup, "begin", refuse)
    assert play(1).violations == ["the run could not go on: RuntimeError('no way')"]


def test_a_run_is_bounded():
    assert "101 steps were taken" in str(play(1, steps=100))
