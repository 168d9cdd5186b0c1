"""What is found reads as compilers write."""

from __future__ import annotations

from cordwood.node.findings import Finding, Findings, Place, Severity


def test_a_place_is_a_line_of_a_file_or_something_without_lines():
    assert str(Place("cordwood.toml", 3)) == "cordwood.toml:3"
    assert str(Place("KAFKA_NODE_ID")) == "KAFKA_NODE_ID"


def test_a_finding_is_one_line():
    assert str(Finding(Place("a", 1), Severity.ERROR, "b", "b is wrong", "take c")) == "a:1: b is wrong (take c)"
    assert str(Finding(None, Severity.NOTE, "b", "b is so")) == "b is so"


def test_findings_are_told_by_their_severity():
    findings = Findings()
    findings.add(Severity.WARNING, None, "a", "first")
    findings.add(Severity.ERROR, Place("x"), "b", "second")
    findings.add(Severity.NOTE, None, "c", "third")
    assert (findings.mistakes, findings.warnings, findings.of(Severity.NOTE)) == (["x: second"], ["first"], ["third"])
    assert Findings().all == []
