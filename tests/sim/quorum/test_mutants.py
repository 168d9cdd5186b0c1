"""Each guard is taken out, and the simulator finds a violation: soon, with the faults that lead there.

The table in docs/SIMULATION.md is made anew, for as many seeds as one likes, by
CORDWOOD_MUTANT_SEEDS=40 python -m pytest -s tests/sim/quorum/test_mutants.py -k table
"""

from __future__ import annotations

import os

import pytest

from cordwood.sim.quorum.cluster import QuorumCluster
from cordwood.sim.quorum.run import Plan, run
from tests.sim.quorum.mutants import MUTANTS

SEEDS = int(os.environ.get("CORDWOOD_MUTANT_SEEDS", "0"))
"""For the table: seeds 1 to so many; none by default."""

TRIES = 10
"""Seeds of the suite: from 1 until one finds it."""

QUICKLY: dict[str, tuple[Plan, str]] = {
    "a vote is durable before it is told": (Plan(), "terms are durable before they are told"),
    "a candidate's log is up to date": (Plan(kinds=("isolate leader", "kill leader")), "leader completeness"),
    "a leader commits only with entries of its own term": (Plan(5, kinds=("old entries",)), "leader completeness"),
    "both configurations have a quorum": (Plan(5, kinds=("change members",)), "durable on a quorum"),
    "who hears of a leader answers no pre-vote": (Plan(5, kinds=("bridge",)), "a steady leader is left alone"),
    "an append is durable before it is acknowledged": (Plan(), "durable"),
    "a log that does not reach its snapshot is replaced": (Plan(kinds=("die behind",)), "the log was lost"),
}
"""Faults that find it soon, and the words."""


def test_each_guard_is_known():
    assert QUICKLY.keys() == MUTANTS.keys()


@pytest.mark.parametrize("guard", MUTANTS)
def test_without_a_guard_something_does_not_hold(monkeypatch, guard):
    plan, words = QUICKLY[guard]
    MUTANTS[guard](monkeypatch)
    outcomes = (run(seed, plan, QuorumCluster) for seed in range(1, 1 + TRIES))
    assert words in str(next((outcome for outcome in outcomes if outcome.violations), "nothing"))


@pytest.mark.skipif(not SEEDS, reason="CORDWOOD_MUTANT_SEEDS says how many seeds: it takes long")
@pytest.mark.parametrize("guard", MUTANTS)
def test_table(monkeypatch, guard):
    MUTANTS[guard](monkeypatch)
    outcomes = [run(seed, Plan(nodes=3 if seed % 2 else 5), QuorumCluster) for seed in range(1, SEEDS + 1)]
    found = [outcome for outcome in outcomes if outcome.violations]
    seeds = ", ".join(str(outcome.seed) for outcome in found[:6])
    print(f"\n| {guard} | {len(found)} of {SEEDS} | {seeds} | {found[0].violations[0] if found else 'nothing'} |")
    assert found
