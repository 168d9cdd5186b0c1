"""Requests of one message: one at a time over N connections (`sync`), and pipelined on one (`pipelined`)."""

from __future__ import annotations

from functools import partial

from bench.generator import Mode, Workload
from bench.lab import Lab

SYNC = "sync"
SYNC_DOCUMENT = "one message at a time, acks=all, over 1, 16 and 128 connections: rate and latency under each policy"
PIPELINED = "pipelined"
PIPELINED_DOCUMENT = "one-message requests pipelined on one connection, acks=all"

_SIZE = 100
_CONNECTIONS = (1, 16, 128)


def run_sync(lab: Lab) -> None:
    """One row for each server, policy and number of connections."""
    for policy in lab.policies():
        with lab.running(lab.under(policy)) as started:
            subjects = lab.with_topic(lab.warmed_up(started, Mode.SYNC), SYNC, 1)
            for connections in _CONNECTIONS:
                workload = Workload(
                    mode=Mode.SYNC, topic=SYNC, size=_SIZE, connections=connections, seconds=lab.profile.seconds
                )
                lab.rounds(
                    SYNC,
                    subjects,
                    {"size": _SIZE, "connections": connections},
                    partial(lab.load, workload),
                )


def run_pipelined(lab: Lab) -> None:
    """One row for each server and policy."""
    for policy in lab.policies():
        with lab.running(lab.under(policy)) as started:
            subjects = lab.with_topic(lab.warmed_up(started, Mode.PIPELINED), PIPELINED, 1)
            workload = Workload(mode=Mode.PIPELINED, topic=PIPELINED, size=_SIZE, seconds=lab.profile.seconds)
            lab.rounds(PIPELINED, subjects, {"size": _SIZE}, partial(lab.load, workload))
