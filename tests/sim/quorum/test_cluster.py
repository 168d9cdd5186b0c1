"""Clusters of three and five real nodes under faults: everything holds, at every moment, in every seed.

CORDWOOD_SIM_SEEDS sets how many seeds are run (50), CORDWOOD_SIM_FIRST the first one (1).
"""

from __future__ import annotations

import os
from collections import Counter
from functools import cache

import pytest

from cordwood.consensus.applying import Command
from cordwood.controller.machine import Conflict, Fate, Machine
from cordwood.controller.reading import Reading
from cordwood.metadata.replay import Draft
from cordwood.sim.content import Content
from cordwood.sim.quorum.cluster import QuorumCluster
from cordwood.sim.quorum.run import Outcome, Plan, run
from cordwood.sim.trace import Event

SEEDS = int(os.environ.get("CORDWOOD_SIM_SEEDS", "50"))
FIRST = int(os.environ.get("CORDWOOD_SIM_FIRST", "1"))
CHUNK = 5

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
    "stop",
    "reads",
    "answer",
    "breaks",
    "retransmissions",
)
"""What must have happened somewhere in the seeds, or they test less than they seem to."""


def play(seed: int, observe=None, **values) -> Outcome:
    return run(seed, Plan(nodes=3 if seed % 2 else 5, **values), QuorumCluster, observe)


@cache
def counts_of(seed: int) -> Counter[str]:
    """What happened in a run, in which everything held."""
    outcome = play(seed)
    assert not outcome.violations, str(outcome)
    return outcome.counts


@pytest.mark.parametrize("first", range(FIRST, FIRST + SEEDS, CHUNK))
def test_everything_holds_in_every_seed(first):
    for seed in range(first, min(first + CHUNK, FIRST + SEEDS)):
        counts_of(seed)


def test_everything_happened_in_these_seeds():
    counts = sum((counts_of(seed) for seed in range(FIRST, FIRST + SEEDS)), Counter[str]())
    assert not [name for name in COVERED if not counts[name]], counts
    assert counts["undecided"] * 20 <= SEEDS, counts


def test_the_same_seed_gives_the_same_trace():
    def events_of(seed: int) -> list[str]:
        lines: list[str] = []

        def observe(event: Event) -> None:
            lines.append(event.as_json())

        play(seed, observe, fault_seconds=4)
        return lines

    assert events_of(3) == events_of(3) != events_of(5)


def test_a_disk_that_lies_about_its_syncs_is_found_out(monkeypatch):
    monkeypatch.setattr(Content, "sync", lambda self: None)
    assert play(1, fault_seconds=2).violations


def test_a_node_that_takes_a_command_in_otherwise_is_found_out(monkeypatch):
    """One command of many does nothing on one node alone."""
    seen: list[Command] = []
    take = Machine._take

    def differ(self: Machine, draft: Draft, entry: Command) -> Fate:
        seen.append(entry)
        return Conflict() if len(seen) == 20 else take(self, draft, entry)

    monkeypatch.setattr(Machine, "_take", differ)
    outcomes = []
    for seed in range(1, 6):
        seen.clear()
        outcomes.append(str(play(seed, fault_seconds=2)))
    assert "images: revision" in "".join(outcomes)


def test_an_answer_on_a_stale_image_is_found_out(monkeypatch):
    """Refusals are told without making sure that the image is not stale."""

    async def confirm(self: Reading, is_over: object = None) -> None:
        return

    monkeypatch.setattr(Reading, "confirm", confirm)
    plan = Plan(fault_seconds=6, admins=4, topics=1, kinds=("isolate", "halves"))
    outcomes = (run(seed, plan, QuorumCluster) for seed in range(1, 20))
    assert "linearizable" in str(next((outcome for outcome in outcomes if outcome.violations), "nothing"))
