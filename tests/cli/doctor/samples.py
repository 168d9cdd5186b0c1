"""Evidence as tests need it.

Lives here: short ways to make it. Must not live here: tests.
"""

from __future__ import annotations

from typing import Any

from cordwood.cli.doctor.evidence import Attempt, Broker, Dialing, Evidence, Outcome, Told, Visit
from cordwood.node.addresses import HostPort


def dialed(host: str, outcome: Outcome = Outcome.ANSWERED, ip: str | None = "10.0.0.1", **more: Any) -> Dialing:
    """What came of dialing a host; without an `ip` there was no connection."""
    attempts = () if ip is None else (Attempt(ip),)
    return Dialing(HostPort(host, 9092), outcome, **{"attempts": attempts, **more})


def visited(number: int, host: str, outcome: Outcome = Outcome.ANSWERED, **more: Any) -> Visit:
    """An advertised address, and what came of dialing it."""
    dialing = dialed(host, outcome, **more)
    return Visit(Broker(number, dialing.place), dialing)


def evidence_of(source: Dialing, *visits: Visit, controller: int = 1, cluster_id: str = "here") -> Evidence:
    """A cluster as it was told by one server."""
    told = Told(cluster_id, controller, tuple(visit.broker for visit in visits))
    return Evidence((source,), told, source, visits)
