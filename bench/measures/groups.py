"""Consumer groups: a thousand of three members, and one of five hundred; and offsets that are committed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from itertools import count
from typing import Final

from bench.crowd import Crowd, Groups
from bench.generator import BenchError
from bench.lab import Lab
from bench.results import Values
from bench.stalls import Probe
from bench.subjects.base import Subject

GROUPS: Final = "groups"
GROUPS_DOCUMENT: Final = "1,000 groups of 3 members and one of 500: time to stable, heartbeats/s, stalls, memory"
COMMITS: Final = "commits"
COMMITS_DOCUMENT: Final = "commits of one partition by 1 and 64 consumers: rate and latency under each policy"

_SETTINGS: Final = {"group.initial.rebalance.delay.ms": "0"}
_WINDOW: Final = 64
"""Heartbeats under way at a time."""

_PROTOCOLS: Final = ("classic", "consumer")
_SHAPES: Final = ((1000, 3, 12, 10), (1, 500, 500, 500))
"""Groups, members of each, partitions of the topic, and of how many members one leaves and comes back."""

_CLIENTS: Final = (1, 64)
_COMMITTED_PARTITIONS: Final = 12
_numbers: Iterator[int] = count()
"""Names of groups are never used again."""


def _name(subject: Subject) -> str:
    return f"{subject.name}-{next(_numbers)}"


def _topic(partitions: int) -> str:
    return f"groups-{partitions}"


def _ready(lab: Lab, started: list[Subject], partitions: int) -> list[Subject]:
    """Makes the topic, and gives each server some of the same work that is not counted."""
    ready = []
    for subject in lab.with_topic(started, _topic(partitions), partitions):
        lab.say(f"warming up {subject.label}: groups")
        with lab.tolerating("warm-up", subject.label):
            for protocol in _PROTOCOLS:
                warming = Groups(protocol, 64, 3, _topic(partitions), partitions)
                with Crowd(subject.address, warming, name=_name(subject)) as crowd:
                    crowd.join()
                    crowd.heartbeats(lab.profile.warm_up_seconds / 2, window=_WINDOW)
                    crowd.commits(lab.profile.warm_up_seconds / 2, window=_WINDOW)
                    crowd.leave(1)
            ready.append(subject)
    return ready


# Members.


def run_groups(lab: Lab) -> None:
    """One row for each server, shape and protocol, under its first policy."""
    with lab.running(lab.once(), _SETTINGS) as started:
        subjects = _ready(lab, started, _SHAPES[0][2])
        for groups, members, partitions, every in _SHAPES:
            if partitions != _SHAPES[0][2]:
                subjects = lab.with_topic(subjects, _topic(partitions), partitions)
            for protocol in _PROTOCOLS:
                crowd = Groups(protocol, groups, members, _topic(partitions), partitions)
                setting = {"groups": groups, "members": members, "protocol": protocol}
                lab.rounds(GROUPS, subjects, setting, partial(_live, lab, crowd, every))


def _live(lab: Lab, groups: Groups, every: int, subject: Subject) -> Values:
    """All groups from their first member to their last."""
    before = subject.usage()
    with Crowd(subject.address, groups, name=_name(subject)) as crowd:
        with _probe(subject) as beginning:
            joined = crowd.join()
        cpu_s = subject.usage().cpu_s - before.cpu_s
        beats = lab.observe(subject, lambda: crowd.heartbeats(lab.profile.seconds, window=_WINDOW))
        resident_mb = subject.usage().resident_mb
        with _probe(subject) as changing:
            left = crowd.leave(every)
            back = crowd.join()
        crowd.leave(1)
    if not beginning.answers or not changing.answers:
        raise BenchError("the broker closed the connection of the probe")
    return {
        "stable_s": joined.seconds,
        "stable_cpu_s": cpu_s,
        "stable_stall_ms": beginning.answers[-1],
        "left_s": left.seconds,
        "back_s": back.seconds,
        "change_stall_ms": changing.answers[-1],
        "machine_ms": max(beginning.late[-1], changing.late[-1]),
        "heartbeats_per_s": beats["messages_per_s"],
        "heartbeat_cpu_us": beats["server_cpu_s"] / (beats["messages_per_s"] * beats["seconds"]) * 1e6,
        "p50_us": beats["p50_us"],
        "p99_us": beats["p99_us"],
        "others_cpu_percent": beats["others_cpu_percent"],
        "resident_mb": resident_mb,
        "member_kb": (resident_mb - before.resident_mb) * 1000 / (groups.groups * groups.members),
    }


def _probe(subject: Subject) -> Probe:
    return Probe(subject.port, is_realtime=os.sched_getscheduler(0) == os.SCHED_RR)


# Offsets.


def run_commits(lab: Lab) -> None:
    """One row for each server, policy and number of consumers."""
    for policy in lab.policies():
        with lab.running(lab.under(policy), _SETTINGS) as started:
            subjects = _ready(lab, started, _COMMITTED_PARTITIONS)
            for clients in _CLIENTS:
                lab.rounds(COMMITS, subjects, {"consumers": clients}, partial(_commit, lab, clients))


def _commit(lab: Lab, clients: int, subject: Subject) -> Values:
    """Consumers that are each the only member of a group, and wait for the answer to a commit before the next."""
    groups = Groups("classic", clients, 1, _topic(_COMMITTED_PARTITIONS), _COMMITTED_PARTITIONS)
    with Crowd(subject.address, groups, name=_name(subject)) as crowd:
        crowd.join()
        values = lab.observe(subject, lambda: crowd.commits(lab.profile.seconds, window=clients))
        crowd.leave(1)
    count = values["messages_per_s"] * values["seconds"]
    return {**values, "commit_cpu_us": values["server_cpu_s"] / count * 1e6}
