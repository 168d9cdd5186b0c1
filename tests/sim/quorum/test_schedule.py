"""The faults of a run, as a list."""

from __future__ import annotations

from collections import Counter

from cordwood.env.dice import SeededDice
from cordwood.sim.quorum.schedule import draw, only

WEIGHTS = {"kill": 3, "pause": 1, "never": 0}


def test_faults_are_numbered_and_come_in_their_time():
    faults = draw(SeededDice(3), 100.0, WEIGHTS)
    assert [fault.number for fault in faults] == list(range(len(faults)))
    assert [fault.at_ms for fault in faults] == sorted(fault.at_ms for fault in faults)
    assert faults[-1].at_ms < 100_000
    assert faults == draw(SeededDice(3), 100.0, WEIGHTS)
    assert str(faults[0]).endswith(" ms")


def test_runs_differ_in_their_kinds_and_in_how_many_there_are():
    runs = [draw(SeededDice(seed), 100.0, WEIGHTS) for seed in range(40)]
    assert {frozenset(fault.kind for fault in faults) for faults in runs} == {
        frozenset({"kill"}),
        frozenset({"pause"}),
        frozenset({"kill", "pause"}),
    }
    counts = Counter(fault.kind for faults in runs for fault in faults)
    assert counts["kill"] > counts["pause"] > counts["never"] == 0
    assert max(map(len, runs)) > 3 * min(map(len, runs))


def test_some_can_be_left_out():
    faults = draw(SeededDice(3), 20.0, {"kill": 1})
    assert only(faults, {0, 3}) == [faults[0], faults[3]]
