"""From evidence to findings: what is wrong with the way to a cluster, and what to change.

Lives here: judgement, and the findings about the cluster as a whole. Must not live here: the words about one address
(addresses.py), dialing, and output.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from cordwood.cli.cluster.finding import Finding, Level, worst_first
from cordwood.cli.doctor.addresses import about_broker, advertised_findings, bootstrap_findings
from cordwood.cli.doctor.evidence import Dialing, Evidence, Outcome, Visit
from cordwood.wire.apis import DECLARED

SHOWN_APIS: Final = 5

CLOCK_MS: Final = 5_000
"""Clocks that are so far apart were not set by the same hand."""


def findings_of(evidence: Evidence) -> list[Finding]:
    """Everything that is to be said, problems first, and those of the bootstrap servers first among them."""
    found = [finding for dialing in evidence.bootstrap for finding in bootstrap_findings(dialing)]
    found += _several_clusters(evidence.bootstrap)
    if evidence.told is not None:
        found += _cluster_findings(evidence)
    return worst_first(found)


def _cluster_findings(evidence: Evidence) -> Iterator[Finding]:
    assert evidence.told is not None, "nobody told of a cluster"
    if not evidence.told.brokers:
        yield Finding(
            Level.PROBLEM,
            "no-brokers",
            "cluster",
            "the cluster names no broker at all",
            "wait until its brokers have registered, or look why they do not",
        )
    if evidence.told.controller < 0:
        yield Finding(
            Level.WARNING,
            "no-controller",
            "cluster",
            "the cluster names no controller: topics cannot be created or changed",
            "look with `cordwood cluster health`",
        )
    yield from _clock(evidence.source)
    yield from _shared_addresses(evidence.visits)
    for visit in evidence.visits:
        yield from advertised_findings(visit, evidence.source)
        yield from _identity(visit, evidence)
    yield from _different_versions([visit.dialing for visit in evidence.visits])


def _several_clusters(bootstrap: tuple[Dialing, ...]) -> Iterator[Finding]:
    by_id: dict[str, list[str]] = defaultdict(list)
    for dialing in bootstrap:
        if dialing.told is not None and dialing.told.cluster_id:
            by_id[dialing.told.cluster_id].append(str(dialing.place))
    if len(by_id) > 1:
        told = "; ".join(f"{', '.join(places)}: {cluster_id}" for cluster_id, places in by_id.items())
        yield Finding(
            Level.PROBLEM,
            "several-clusters",
            "bootstrap",
            f"the bootstrap servers belong to different clusters ({told})",
            "name servers of one cluster only: a client takes whichever answers first",
        )


def _clock(source: Dialing | None) -> Iterator[Finding]:
    if source is None or source.clock_ahead_ms is None or abs(source.clock_ahead_ms) < CLOCK_MS:
        return
    way = "ahead of" if source.clock_ahead_ms > 0 else "behind"
    yield Finding(
        Level.WARNING,
        "clock",
        "cluster",
        f"the clock of the controller is {abs(source.clock_ahead_ms) / 1000:.0f} s {way} the one of this machine",
        "set both by NTP: what clients stamp is kept, and found by time, as much too long or too short",
    )


def _shared_addresses(visits: tuple[Visit, ...]) -> Iterator[Finding]:
    by_place: dict[str, list[int]] = defaultdict(list)
    for visit in visits:
        by_place[str(visit.broker.place)].append(visit.broker.node_id)
    for place, nodes in by_place.items():
        if len(nodes) > 1:
            yield Finding(
                Level.PROBLEM,
                "shared-address",
                place,
                f"brokers {', '.join(map(str, nodes))} advertise the same address",
                "give each broker an address of its own in advertised.listeners",
            )


def _identity(visit: Visit, evidence: Evidence) -> Iterator[Finding]:
    """Who answers at the address is the broker that it belongs to."""
    dialing, node_id = visit.dialing, visit.broker.node_id
    about = about_broker(visit.broker)
    assert evidence.told is not None, "nobody told of a cluster"
    expected = evidence.told.cluster_id
    if dialing.told is not None and expected and dialing.told.cluster_id and dialing.told.cluster_id != expected:
        yield Finding(
            Level.PROBLEM,
            "another-cluster",
            about,
            f"a server of another cluster answers there: {dialing.told.cluster_id}, not {expected}",
            "the address leads to the wrong machine from here: correct advertised.listeners, DNS or the port forwarding",
        )
    elif dialing.node_id is not None and dialing.node_id != node_id:
        yield Finding(
            Level.PROBLEM,
            "another-broker",
            about,
            f"broker {dialing.node_id} answers there",
            "each broker needs an address that leads to it alone, not to a load balancer: correct advertised.listeners",
        )


def _different_versions(dialings: list[Dialing]) -> Iterator[Finding]:
    answered = [dialing for dialing in dialings if dialing.outcome is Outcome.ANSWERED and dialing.versions]
    if len({frozenset(dialing.versions.items()) for dialing in answered}) < 2:
        return
    keys = sorted({key for dialing in answered for key in dialing.versions})
    differing = [key for key in keys if len({dialing.versions.get(key) for dialing in answered}) > 1]
    names = ", ".join(_api_name(key) for key in differing[:SHOWN_APIS])
    more = f" and {len(differing) - SHOWN_APIS} more" if len(differing) > SHOWN_APIS else ""
    yield Finding(
        Level.WARNING,
        "different-versions",
        "cluster",
        f"the brokers do not serve the same versions of {names}{more}",
        "finish the upgrade: they run different releases",
    )


def _api_name(key: int) -> str:
    return DECLARED[key].name if key in DECLARED else f"API {key}"
