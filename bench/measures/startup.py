"""From starting the process to the first acknowledged message, with a fresh directory and with one that was used."""

from __future__ import annotations

import time

from bench.generator import BenchError, Mode, Workload
from bench.lab import Lab
from bench.results import Row, Values, medians
from bench.subjects.base import Subject

NAME = "startup"
DOCUMENT = "milliseconds from exec to the first acknowledged message"

_TOPIC = "first"


def run(lab: Lab) -> None:
    """Two rows for each server: fresh directory (the topic is made by the first message), and a second start."""
    trials = 2 if lab.profile.quick else 5
    for kind, policy in lab.once():
        samples: dict[str, list[Values]] = {"fresh": [], "again": []}
        for trial in range(trials):
            subject = lab.fresh(kind, policy)
            try:
                for start, taken in samples.items():
                    lab.say(f"{NAME}: {subject.label}, {start}, {trial + 1} of {trials}")
                    taken.append(_take(subject))
            except BenchError as error:
                lab.failed(NAME, subject.label, error)
            finally:
                subject.remove()
        for start, taken in samples.items():
            if taken:
                lab.results.rows.append(Row(NAME, kind.name, policy, {"start": start}, medians(taken), len(taken)))


def _take(subject: Subject) -> Values:
    subject.prepare()
    began = time.monotonic()
    subject.launch()
    outcome = subject.load(Workload(mode=Mode.FIRST, topic=_TOPIC, since=began))
    cpu_s = subject.usage().cpu_s
    subject.stop()
    return {"first_ack_ms": outcome.seconds * 1e3, "server_cpu_s": cpu_s}
