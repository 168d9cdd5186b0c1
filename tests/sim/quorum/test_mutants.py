"""Each guard is taken out, and the simulator finds a violation: with seeds that are known to find it.

The table in docs/SIMULATION.md is made anew, for as many seeds as one likes, by
CORDWOOD_MUTANT_SEEDS=40 python -m pytest -s tests/sim/quorum/test_mutants.py -k table
"""

from __future__ import annotations

import os

import pytest

from cordwood.sim.quorum.cluster import QuorumCluster
from cordwood.sim.quorum.run import Outcome, Plan, run
from tests.sim.quorum.mutants import MUTANTS

SEEDS = int(os.environ.get("CORDWOOD_MUTANT_SEEDS", "0"))
"""For the table: seeds 1 to so many; none by default."""

KNOWN = {
    "a vote is durable before it is told": (1, "terms are durable before they are told"),
    "a candidate's log is up to date": (2, "leader completeness"),
    "a leader commits only with entries of its own term": (0, "leader completeness"),
    "both configurations have a quorum": (0, "durable on a quorum"),
    "who hears of a leader answers no pre-vote": (0, "a steady leader is left alone"),
    "an append is durable before it is acknowledged": (1, "acknowledged appends are durable"),
    "a log that does not reach its snapshot is replaced": (0, "the log was lost"),
}
"""A seed that finds it, and the words."""


def play(seed: int) -> Outcome:
    return run(seed, Plan(nodes=3 if seed % 2 else 5), QuorumCluster)


def test_each_guard_is_known():
    assert KNOWN.keys() == MUTANTS.keys()


@pytest.mark.parametrize("guard", MUTANTS)
def test_without_a_guard_something_does_not_hold(monkeypatch, guard):
    seed, words = KNOWN[guard]
    MUTANTS[guard](monkeypatch)
    assert words in str(play(seed))


@pytest.mark.skipif(not SEEDS, reason="CORDWOOD_MUTANT_SEEDS says how many seeds: it takes long")
@pytest.mark.parametrize("guard", MUTANTS)
def test_table(monkeypatch, guard):
    MUTANTS[guard](monkeypatch)
    outcomes = [play(seed) for seed in range(1, SEEDS + 1)]
    found = [outcome for outcome in outcomes if outcome.violations]
    seeds = ", ".join(str(outcome.seed) for outcome in found[:6])
    print(f"\n| {guard} | {len(found)} of {SEEDS} | {seeds} | {found[0].violations[0] if found else 'nothing'} |")
    assert found
