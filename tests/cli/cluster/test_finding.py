"""Which findings matter most."""

from __future__ import annotations

from cordwood.cli.cluster.finding import Finding, Level, worst_first, worst_level


def of(level: Level, code: str) -> Finding:
    return Finding(level, code, "cluster", "it is so", "change it")


def test_the_worst_comes_first() -> None:
    note, warning = of(Level.NOTE, "a"), of(Level.WARNING, "b")
    first, second = of(Level.PROBLEM, "c"), of(Level.PROBLEM, "d")
    assert worst_first([note, first, warning, second]) == [first, second, warning, note]
    assert worst_level([note, warning]) is Level.WARNING
    assert worst_level([]) is None
