"""Resident memory: idle after the start, and the most while a client writes and reads."""

from __future__ import annotations

import time
from functools import partial

from bench.generator import Mode, Workload
from bench.lab import Lab
from bench.procfs import MemoryPeak, Usage
from bench.results import Values
from bench.subjects.base import Subject

NAME = "memory"
DOCUMENT = "resident memory idle and under load, anonymous and mapped files apart"

_IDLE_S = 2.0


def run(lab: Lab) -> None:
    """One row for each server, under its first policy."""
    with lab.running(lab.once()) as subjects:
        time.sleep(_IDLE_S)
        lab.rounds(NAME, subjects, {}, partial(_take, lab), rounds=1)


def _take(lab: Lab, subject: Subject) -> Values:
    idle = subject.usage()
    with MemoryPeak(subject.pid) as watched:
        for size, partitions in ((100, 1), (1024, 12)):
            topic = f"memory-{size}"
            subject.create_topic(topic, partitions)
            writing = Workload(
                mode=Mode.PRODUCE, topic=topic, size=size, partitions=partitions, seconds=lab.profile.seconds
            )
            written = subject.load(writing).messages
            subject.load(Workload(mode=Mode.CONSUME, topic=topic, size=size, partitions=partitions, messages=written))
    return {**_values("idle", idle), **_values("loaded", watched.peak)}


def _values(state: str, usage: Usage) -> dict[str, float]:
    return {
        f"{state}_mb": usage.resident_mb,
        f"{state}_anonymous_mb": usage.anonymous_mb,
        f"{state}_file_mb": usage.file_mb,
    }
