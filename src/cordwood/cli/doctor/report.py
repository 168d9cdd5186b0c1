"""What the doctor shows: a row for each address, a row for each finding.

Lives here: the names of fields and columns, and the verdict. Must not live here: judgement (findings.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any, Final, TypeAlias

from cordwood.cli.cluster.finding import COLUMNS, STYLES, Finding, Level, worst_level
from cordwood.cli.doctor.addresses import about_bootstrap, about_broker
from cordwood.cli.doctor.evidence import Dialing, Evidence, Outcome
from cordwood.cli.terminal.exits import Exit
from cordwood.cli.terminal.output import Column, Fields, Section, Table

Value: TypeAlias = "dict[str, Any]"

FINE: Final = "ok"

ADDRESS_COLUMNS: Final = (
    Column("WHO", lambda row: row["role"] if row["node_id"] is None else f"broker {row['node_id']}"),
    Column("ADDRESS", "address"),
    Column("RESOLVES TO", "resolved"),
    Column("CONNECT MS", "connect_ms"),
    Column("ANSWER MS", "answer_ms"),
    Column("OUTCOME", "outcome"),
    Column("VERDICT", "verdict", STYLES.get),
)


def report_of(evidence: Evidence, findings: Sequence[Finding]) -> Value:
    """Everything as one value."""
    told = evidence.told
    addresses = [_address(dialing, about_bootstrap(dialing), findings) for dialing in evidence.bootstrap]
    for visit in evidence.visits:
        row = _address(visit.dialing, about_broker(visit.broker), findings)
        row |= {"role": "broker", "node_id": visit.broker.node_id, "rack": visit.broker.rack}
        addresses.append(row)
    return {
        "verdict": _verdict(evidence, findings),
        "cluster_id": None if told is None else told.cluster_id,
        "clock_ahead_ms": None if evidence.source is None else evidence.source.clock_ahead_ms,
        "addresses": addresses,
        "findings": [asdict(finding) for finding in findings],
    }


def sections_of(value: Value) -> Iterable[Section]:
    """The same for people."""
    yield Fields({"Cluster": value["cluster_id"], "Verdict": value["verdict"]})
    yield Table(value["addresses"], ADDRESS_COLUMNS)
    if value["findings"]:
        yield Table(value["findings"], COLUMNS)


def exit_of(evidence: Evidence, findings: Sequence[Finding]) -> Exit:
    """How the command ends."""
    if evidence.told is not None:
        return Exit.UNHEALTHY if worst_level(findings) is Level.PROBLEM else Exit.OK
    # Who answers and does not tell of its cluster has not let us in.
    outcomes = {dialing.outcome for dialing in evidence.bootstrap}
    is_refused = outcomes & {Outcome.ANSWERED, Outcome.AUTHENTICATION, Outcome.CERTIFICATE}
    return Exit.AUTH if is_refused else Exit.CONNECT


def _address(dialing: Dialing, about: str, findings: Sequence[Finding]) -> Value:
    return {
        "role": "bootstrap",
        "node_id": None,
        "rack": None,
        "address": str(dialing.place),
        "resolved": [attempt.ip for attempt in dialing.attempts],
        "ip": dialing.ip,
        "connect_ms": dialing.connect_ms,
        "answer_ms": dialing.answer_ms,
        "outcome": dialing.outcome.value,
        "verdict": _address_verdict(finding for finding in findings if finding.about == about),
    }


def _address_verdict(findings: Iterable[Finding]) -> str:
    level = worst_level(findings)
    return FINE if level in {None, Level.NOTE} else str(level)


def _verdict(evidence: Evidence, findings: Sequence[Finding]) -> str:
    if evidence.told is None:
        return "unreachable"
    return "unhealthy" if worst_level(findings) is Level.PROBLEM else "healthy"
