"""The faults of a run, as a list."""

from __future__ import annotations

from collections import Counter

from cordwood.env.dice import SeededDice
from cordwood.sim.quorum.schedule import draw, only


def test_faults_are_numbered_and_come_in_their_time():
    faults = draw(SeededDice(3), 100.0, {"kill": 3, "pause": 1, "never": 0})
    assert len({len(draw(SeededDice(seed), 100.0, {"kill": 1})) // 30 for seed in range(20)}) > 3
    assert [fault.number for fault in faults] == list(range(len(faults)))
    assert [fault.at_ms for fault in faults] == sorted(fault.at_ms for fault in faults)
    assert faults[-1].at_ms < 100_000
    counts = Counter(fault.kind for fault in faults)
    assert counts["kill"] > counts["pause"] > counts["never"] == 0
    assert faults == draw(SeededDice(3), 100.0, {"kill": 3, "pause": 1, "never": 0})
    assert str(faults[0]).endswith(" ms")


def test_some_can_be_left_out():
    faults = draw(SeededDice(3), 20.0, {"kill": 1})
    assert only(faults, {0, 3}) == [faults[0], faults[3]]
