"""Runs of bare nodes: what holds, what does not, and the shortest way to it."""

from __future__ import annotations

from collections import Counter

from cordwood.sim.quorum.run import Outcome, Plan, run, shortest
from cordwood.sim.trace import Event
from tests.sim.quorum.bare import BareGroup
from tests.sim.quorum.mutants import logs_are_not_compared, votes_are_not_awaited

SEEDS = range(1, 11)

COVERED = (
    "leads",
    "commits",
    "cuts",
    "snapshot made",
    "snapshot installed",
    "joint configuration",
    "lost bytes",
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


def test_what_does_not_hold_is_told_with_its_faults(monkeypatch):
    logs_are_not_compared(monkeypatch)
    outcome = next(found for seed in range(1, 60) if (found := play(seed, fault_seconds=4)).violations)
    assert f"python -m cordwood.sim --quorum {outcome.plan.nodes} --seed {outcome.seed}" in str(outcome)
    short = shortest(outcome, BareGroup.of_plan, tries=12)
    assert short.violations
    assert len(short.faults) < len(outcome.faults)
    assert f"--only {','.join(str(fault.number) for fault in short.faults)}" in str(short)
    assert run(short.seed, short.plan, BareGroup.of_plan).violations == short.violations


def test_what_breaks_without_any_fault_needs_none(monkeypatch):
    votes_are_not_awaited(monkeypatch)
    short = shortest(play(1), BareGroup.of_plan)
    assert not short.faults
    assert "--only none" in str(short)


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
