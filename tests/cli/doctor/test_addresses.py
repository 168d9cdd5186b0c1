"""What is said about one address: a row for each outcome, as a bootstrap server and as an advertised address."""

from __future__ import annotations

import pytest

from cordwood.cli.cluster.finding import Level
from cordwood.cli.doctor.addresses import advertised_findings, bootstrap_findings
from cordwood.cli.doctor.evidence import Attempt, Dialing, Outcome
from tests.cli.doctor.samples import dialed, visited

REMOTE = dialed("kafka.example.org", ip="203.0.113.7")
LOCAL = dialed("localhost", ip="127.0.0.1")


def test_nothing_is_said_of_an_address_that_answers() -> None:
    assert list(bootstrap_findings(REMOTE)) == []
    assert list(advertised_findings(visited(1, "kafka.example.org"), REMOTE)) == []


@pytest.mark.parametrize("outcome", [outcome for outcome in Outcome if outcome is not Outcome.ANSWERED])
def test_every_trouble_has_words_and_advice(outcome: Outcome) -> None:
    about_server = list(bootstrap_findings(dialed("kafka.example.org", outcome, ip=None, detail="so it said")))
    about_broker = list(
        advertised_findings(visited(2, "b2.example.org", outcome, ip=None, detail="so it said"), REMOTE)
    )
    for finding, about in zip(
        (*about_server, *about_broker),
        ("bootstrap kafka.example.org:9092", "broker 2 at b2.example.org:9092"),
        strict=True,
    ):
        assert (finding.level, finding.code, finding.about) == (Level.PROBLEM, outcome.value, about)
        assert finding.text.endswith("(so it said)")
        assert finding.advice


@pytest.mark.parametrize(
    ("host", "outcome", "source", "code"),
    [
        ("0.0.0.0", Outcome.ANSWERED, REMOTE, "wildcard-advertised"),
        ("::", Outcome.REFUSED, LOCAL, "wildcard-advertised"),
        ("", Outcome.UNRESOLVED, LOCAL, "wildcard-advertised"),
        ("127.0.0.1", Outcome.REFUSED, REMOTE, "loopback-advertised"),
        ("localhost", Outcome.ANSWERED, REMOTE, "loopback-advertised"),
        ("localhost", Outcome.ANSWERED, LOCAL, "loopback-only"),
        ("127.0.0.1", Outcome.REFUSED, LOCAL, "refused"),
        ("kafka-2", Outcome.UNRESOLVED, REMOTE, "internal-name-advertised"),
        ("kafka-2", Outcome.REFUSED, REMOTE, "refused"),
        ("kafka.example.org", Outcome.UNRESOLVED, REMOTE, "unresolved"),
        ("172.17.0.2", Outcome.TIMED_OUT, REMOTE, "internal-address-advertised"),
        ("172.17.0.2", Outcome.SILENT, REMOTE, "silent"),
        ("203.0.113.9", Outcome.TIMED_OUT, REMOTE, "timed-out"),
    ],
)
def test_an_address_that_misleads(host: str, outcome: Outcome, source: Dialing, code: str) -> None:
    (finding,) = advertised_findings(visited(2, host, outcome, ip=None), source)
    assert finding.code == code
    assert finding.level is (Level.NOTE if code == "loopback-only" else Level.PROBLEM)


def test_a_loopback_address_is_told_with_what_to_set() -> None:
    (finding,) = advertised_findings(visited(2, "127.0.0.1"), REMOTE)
    assert finding.text == (
        "it advertises a loopback address, though it was reached over the network: clients will dial themselves"
    )
    assert finding.advice == "set advertised.listeners of broker 2 to the address at which clients reach it"


def test_a_name_of_which_only_one_address_answers() -> None:
    both = (Attempt("::1", Outcome.REFUSED), Attempt("127.0.0.1"))
    (finding,) = bootstrap_findings(dialed("localhost", attempts=both))
    assert (finding.level, finding.code) == (Level.WARNING, "partly-reachable")
    assert finding.text == "localhost is reached at 127.0.0.1, and not at ::1 (refused)"
    assert "use 127.0.0.1" in finding.advice


def test_a_server_that_is_far_away() -> None:
    (finding,) = bootstrap_findings(dialed("kafka.example.org", connect_ms=3.0, answer_ms=612.4))
    assert (finding.level, finding.code) == (Level.WARNING, "slow")
    assert finding.text == "it is slow: 612 ms for one round trip"


def test_what_was_said_of_the_bootstrap_server_is_not_said_again() -> None:
    slow = dialed("kafka.example.org", answer_ms=900.0)
    visit = visited(1, "kafka.example.org", answer_ms=900.0)
    assert list(advertised_findings(visit, slow)) == []
    assert [finding.code for finding in advertised_findings(visit, LOCAL)] == ["slow"]
