"""Consume: one client reads a topic from its beginning, out of the page cache."""

from __future__ import annotations

from functools import partial
from itertools import product

from bench.generator import Mode, Workload
from bench.lab import Lab

NAME = "consume"
DOCUMENT = "consume from the beginning by a C client: 100 B and 1 KiB, 1 and 12 partitions"

_MESSAGES = {100: 5_000_000, 1024: 1_000_000}
_QUICK_MESSAGES = {100: 2_000_000, 1024: 400_000}


def run(lab: Lab) -> None:
    """One row for each server, size and number of partitions. How the data was flushed makes no difference to a reader."""
    messages_of = _QUICK_MESSAGES if lab.profile.quick else _MESSAGES
    with lab.running(lab.once()) as started:
        subjects = lab.warmed_up(started, Mode.PRODUCE)
        for size, partitions in product((100, 1024), (1, 12)):
            topic = f"consume-{size}-{partitions}"
            filling = Workload(
                mode=Mode.PRODUCE, topic=topic, size=size, partitions=partitions, messages=messages_of[size]
            )
            filled = []
            for subject in lab.with_topic(subjects, topic, partitions):
                lab.say(f"{NAME}: filling {subject.label}")
                with lab.tolerating(NAME, f"{subject.label} filling"):
                    subject.load(filling)
                    filled.append(subject)
            reading = Workload(
                mode=Mode.CONSUME, topic=topic, size=size, partitions=partitions, messages=messages_of[size]
            )
            lab.rounds(
                NAME,
                filled,
                {"size": size, "partitions": partitions},
                partial(lab.load, reading),
                rounds=max(3, lab.profile.rounds),
            )
            for subject in filled:
                with lab.tolerating(NAME, f"{subject.label} deleting"):
                    subject.delete_topic(topic)
