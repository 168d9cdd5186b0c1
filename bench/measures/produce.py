"""Batched produce: the client sends as fast as it can and batches as it likes."""

from __future__ import annotations

from functools import partial
from itertools import product

from bench.generator import Mode, Workload
from bench.lab import Lab
from bench.results import Setting
from bench.subjects.base import Subject
from bench.subjects.kafka_protocol import KafkaProtocolSubject

NAME = "produce"
DOCUMENT = (
    "batched produce by a C client: 100 B and 1 KiB, 1 and 12 partitions, acks 1 and all, under each flush policy"
)

_QUICK_CELLS = [(100, 1, "all"), (1024, 1, "all"), (100, 12, "all"), (100, 1, "1")]


def _cells(lab: Lab, policy: str) -> list[tuple[int, int, str]]:
    if not lab.profile.quick:
        return list(product((100, 1024), (1, 12), ("all", "1")))
    return _QUICK_CELLS if policy == "os" else _QUICK_CELLS[:2]


def run(lab: Lab) -> None:
    """One row for each server, policy, size, number of partitions and acks."""
    for policy in lab.policies():
        with lab.running(lab.under(policy)) as started:
            subjects = lab.warmed_up(started, Mode.PRODUCE)
            for size, partitions, acks in _cells(lab, policy):
                # Only Kafka's protocol lets the client choose; elsewhere a confirmation means what the policy says.
                able = [one for one in subjects if acks == "all" or isinstance(one, KafkaProtocolSubject)]
                setting: Setting = {"size": size, "partitions": partitions, "acks": acks}
                lab.rounds(NAME, able, setting, partial(_take, lab, setting))


def _take(lab: Lab, setting: Setting, subject: Subject) -> dict[str, float]:
    topic = f"produce-{setting['size']}-{setting['partitions']}-{setting['acks']}"
    partitions = int(setting["partitions"])
    subject.create_topic(topic, partitions)
    try:
        workload = Workload(
            mode=Mode.PRODUCE,
            topic=topic,
            size=int(setting["size"]),
            partitions=partitions,
            acks=str(setting["acks"]),
            seconds=lab.profile.seconds,
        )
        return lab.load(workload, subject)
    finally:
        subject.delete_topic(topic)
