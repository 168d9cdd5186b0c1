"""Whether a cluster is well: what was seen of it becomes findings.

Lives here: judgement and its words. Must not live here: asking (looking.py), output.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from cordwood.cli.cluster.finding import Finding, Level, worst_first
from cordwood.cli.cluster.sight import Partition, Sight

NAMED: Final = 8
"""So many partitions are named in a finding; the values for programs have all of them."""

BEHIND_ENTRIES: Final = 1_000
BEHIND_MS: Final = 10_000
"""A voter that is so far behind, and for so long, does not only catch its breath."""


def findings_of(sight: Sight) -> list[Finding]:
    """Everything that is wrong, what stops clients first."""
    return worst_first([*_brokers(sight), *_partitions(sight), *_quorum(sight)])


def _brokers(sight: Sight) -> Iterator[Finding]:
    if not sight.brokers:
        yield _problem(
            "no-brokers",
            "cluster",
            "the cluster names no broker",
            "start its brokers, or look why they do not register",
        )
    if sight.controller is None:
        yield _problem(
            "no-controller",
            "cluster",
            "there is no controller: topics cannot be created or changed, and leaders not elected",
            "bring back a majority of the controllers",
        )
    for node, reason in sorted(sight.unreachable.items()):
        yield _problem(
            "unreachable-broker",
            f"broker {node}",
            f"it does not answer ({reason}){_led(sight, node)}",
            "look whether it runs; `cordwood doctor` looks at the way to it",
        )
    for node, held in sight.missing():
        replicas = "a replica" if held == 1 else f"{held} replicas"
        yield _problem(
            "missing-broker", f"broker {node}", f"it holds {replicas} and is not in the cluster", "start it again"
        )


def _led(sight: Sight, node: int) -> str:
    """What it leads by what the others say, who may not have noticed that it is gone, or cannot lead in its place."""
    led = sum(partition.leader == node for partition in sight.partitions)
    if not led:
        return ""
    partitions = "a partition" if led == 1 else f"{led} partitions"
    return f", and leads {partitions}: nobody can write or read there meanwhile"


def _partitions(sight: Sight) -> Iterator[Finding]:
    if sight.leaderless:
        holders = sorted({node for partition in sight.leaderless for node in partition.replicas})
        yield _problem(
            "leaderless",
            "partitions",
            f"{_named(sight.leaderless)} no leader: nobody can write or read there",
            f"bring back the brokers that hold them: {', '.join(map(str, holders)) or 'none is known'}",
        )
    if sight.under_min_isr:
        yield _problem(
            "under-min-isr",
            "partitions",
            f"{_named(sight.under_min_isr)} fewer replicas in sync than min.insync.replicas: acks=all is refused",
            "bring back the replicas that are missing",
        )
    if sight.under_replicated:
        yield _problem(
            "under-replicated",
            "partitions",
            f"{_named(sight.under_replicated)} replicas that are not in sync",
            "look whether their brokers run and keep up",
        )


def _quorum(sight: Sight) -> Iterator[Finding]:
    if sight.quorum is None:
        return
    if sight.quorum["leader"] < 0:
        yield _problem(
            "no-quorum-leader",
            "quorum",
            "the quorum of the metadata has no leader",
            "bring back a majority of its voters",
        )
    for voter in sight.quorum["voters"]:
        behind, ago_ms = voter["behind"], voter["caught_up_ms_ago"]
        if behind is None or (behind >= BEHIND_ENTRIES and (ago_ms is None or ago_ms >= BEHIND_MS)):
            far = "and nobody knows how far it has come" if behind is None else f"by {behind} entries"
            yield _problem(
                "voter-behind",
                f"node {voter['node']}",
                f"as a voter on the metadata it is behind {far}",
                "look whether it runs, and at its disk and network",
            )


def _named(partitions: Sequence[Partition]) -> str:
    """Partitions as the beginning of a sentence: orders-0 has; orders-0, orders-1 and 7 more have."""
    names = ", ".join(map(str, partitions[:NAMED]))
    if len(partitions) == 1:
        return f"{names} has"
    more = len(partitions) - NAMED
    return f"{names} and {more} more have" if more > 0 else f"{names} have"


def _problem(code: str, about: str, text: str, advice: str) -> Finding:
    return Finding(Level.PROBLEM, code, about, text, advice)
