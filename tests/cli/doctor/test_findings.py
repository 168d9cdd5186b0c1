"""What is found in the evidence about a whole cluster."""

from __future__ import annotations

import pytest

from cordwood.cli.cluster.finding import Level
from cordwood.cli.doctor.evidence import Evidence, Outcome, Told
from cordwood.cli.doctor.findings import findings_of
from tests.cli.doctor.samples import dialed, evidence_of, visited

SOURCE = dialed("b1.example.org")


def codes(evidence: Evidence) -> list[str]:
    return [finding.code for finding in findings_of(evidence)]


def test_a_cluster_that_is_well() -> None:
    assert codes(evidence_of(SOURCE, visited(1, "b1.example.org", node_id=1), visited(2, "b2.example.org"))) == []


def test_nobody_answered() -> None:
    assert codes(Evidence((dialed("a", Outcome.REFUSED, ip=None), dialed("b", Outcome.SILENT)))) == [
        "refused",
        "silent",
    ]


def test_a_cluster_without_brokers_or_controller() -> None:
    assert codes(evidence_of(SOURCE, controller=-1)) == ["no-brokers", "no-controller"]


def test_brokers_that_share_an_address() -> None:
    found = findings_of(evidence_of(SOURCE, visited(1, "lb.example.org"), visited(2, "lb.example.org")))
    (finding,) = found
    assert (finding.code, finding.about) == ("shared-address", "lb.example.org:9092")
    assert finding.text == "brokers 1, 2 advertise the same address"


@pytest.mark.parametrize(
    ("told", "node_id", "found"),
    [
        ("here", 2, []),
        ("here", None, []),
        ("here", 1, ["another-broker"]),
        ("there", 2, ["another-cluster"]),
        ("there", 1, ["another-cluster"]),
        (None, 2, []),
    ],
)
def test_who_answers_at_the_address(told: str | None, node_id: int | None, found: list[str]) -> None:
    there = visited(2, "b2.example.org", told=Told(told, 1, ()), node_id=node_id)
    assert codes(evidence_of(SOURCE, there)) == found


def test_bootstrap_servers_of_two_clusters() -> None:
    first, second = (dialed(host, told=Told(cluster, 1, ())) for host, cluster in (("a.org", "A"), ("b.org", "B")))
    (finding,) = [one for one in findings_of(Evidence((first, second))) if one.code == "several-clusters"]
    assert finding.text == "the bootstrap servers belong to different clusters (a.org:9092: A; b.org:9092: B)"


def test_brokers_of_two_releases() -> None:
    old = {0: (0, 9), 3: (0, 12), 18: (0, 3)}
    new = {0: (3, 13), 3: (0, 13), 18: (0, 3), 9999: (0, 0)}
    visits = [visited(number, f"b{number}.org", versions=versions) for number, versions in ((1, old), (2, new))]
    (finding,) = findings_of(evidence_of(SOURCE, *visits))
    assert (finding.level, finding.code) == (Level.WARNING, "different-versions")
    assert finding.text == "the brokers do not serve the same versions of Produce, Metadata, API 9999"
    assert codes(evidence_of(SOURCE, visits[0], visited(2, "b2.org", versions=dict(old)))) == []


@pytest.mark.parametrize(
    ("ahead_ms", "text"),
    [
        (12_400, "the clock of the controller is 12 s ahead of the one of this machine"),
        (-5_000, "the clock of the controller is 5 s behind the one of this machine"),
        (4_999, None),
        (None, None),
    ],
)
def test_clocks_that_differ(ahead_ms: int | None, text: str | None) -> None:
    source = dialed("b1.example.org", clock_ahead_ms=ahead_ms)
    found = findings_of(evidence_of(source, visited(1, "b1.example.org")))
    assert [(one.level, one.code, one.text) for one in found] == ([(Level.WARNING, "clock", text)] if text else [])


def test_problems_come_first() -> None:
    evidence = evidence_of(
        dialed("localhost", ip="127.0.0.1"), visited(1, "localhost"), visited(2, "b2.org", Outcome.REFUSED)
    )
    assert [finding.level for finding in findings_of(evidence)] == [Level.PROBLEM, Level.NOTE]
