"""What the doctor shows, word for word, and how it ends."""

from __future__ import annotations

import pytest

from cordwood.cli.doctor.evidence import Evidence, Outcome
from cordwood.cli.doctor.findings import findings_of
from cordwood.cli.doctor.report import exit_of, report_of, sections_of
from cordwood.cli.terminal.exits import Exit
from cordwood.cli.terminal.output import Fields, Table, field_lines, table_lines
from tests.cli.doctor.samples import dialed, evidence_of, visited

BROKEN = evidence_of(
    dialed("b1.org", ip="203.0.113.7", connect_ms=1.5, answer_ms=2.0),
    visited(1, "b1.org", ip="203.0.113.7", connect_ms=1.5, answer_ms=2.0),
    visited(2, "127.0.0.1", Outcome.REFUSED, attempts=()),
)


def lines_of(evidence: Evidence) -> list[str]:
    lines: list[str] = []
    for section in sections_of(report_of(evidence, findings_of(evidence))):
        match section:
            case Fields():
                lines += field_lines(section)
            case Table():
                lines += table_lines(section)
    return lines


def test_the_table() -> None:
    found = (
        "problem  broker 2 at 127.0.0.1:9092  it advertises a loopback address, though it was reached over the network: "
        "clients will dial themselves  set advertised.listeners of broker 2 to the address at which clients reach it"
    )
    headings = "LEVEL    ABOUT                       FINDING"
    assert lines_of(BROKEN) == [
        "Cluster: here",
        "Verdict: unhealthy",
        "WHO        ADDRESS         RESOLVES TO  CONNECT MS  ANSWER MS  OUTCOME   VERDICT",
        "bootstrap  b1.org:9092     203.0.113.7         1.5          2  answered  ok",
        "broker 1   b1.org:9092     203.0.113.7         1.5          2  answered  ok",
        "broker 2   127.0.0.1:9092  -                     -          -  refused   problem",
        headings.ljust(found.index("set advertised")) + "WHAT TO DO",
        found,
    ]


def test_the_value() -> None:
    value = report_of(BROKEN, findings_of(BROKEN))
    assert (value["verdict"], value["cluster_id"], value["clock_ahead_ms"]) == ("unhealthy", "here", None)
    assert value["addresses"][2] == {
        "role": "broker",
        "node_id": 2,
        "rack": None,
        "address": "127.0.0.1:9092",
        "resolved": [],
        "ip": None,
        "connect_ms": None,
        "answer_ms": None,
        "outcome": "refused",
        "verdict": "problem",
    }
    assert [finding["code"] for finding in value["findings"]] == ["loopback-advertised"]


@pytest.mark.parametrize(
    ("evidence", "verdict", "code"),
    [
        (BROKEN, "unhealthy", Exit.UNHEALTHY),
        (evidence_of(dialed("localhost", ip="127.0.0.1"), visited(1, "localhost")), "healthy", Exit.OK),
        (Evidence((dialed("a", Outcome.REFUSED, ip=None),)), "unreachable", Exit.CONNECT),
        (Evidence((dialed("a", Outcome.AUTHENTICATION),)), "unreachable", Exit.AUTH),
        (Evidence((dialed("a"),)), "unreachable", Exit.AUTH),
    ],
)
def test_how_it_ends(evidence: Evidence, verdict: str, code: Exit) -> None:
    findings = findings_of(evidence)
    assert (report_of(evidence, findings)["verdict"], exit_of(evidence, findings)) == (verdict, code)
