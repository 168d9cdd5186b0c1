"""Exactly once: idempotent against plain produce, transactions a second, and the way through a transactional pipeline."""

from __future__ import annotations

from functools import partial

from bench.generator import Mode, Workload
from bench.lab import Lab
from bench.results import Setting
from bench.subjects.base import Subject
from bench.subjects.kafka_protocol import KafkaProtocolSubject

IDEMPOTENT = "idempotent"
IDEMPOTENT_DOCUMENT = "batched produce of 100 B to 3 partitions, acks=all, plain and idempotent in turn"
TRANSACTIONS = "transactions"
TRANSACTIONS_DOCUMENT = "transactions of 10 x 100 B over 3 partitions, by 1, 16 and 64 transactional producers"
PIPELINE = "pipeline"
PIPELINE_DOCUMENT = "one message through consume, transform, produce in a transaction, until a committed reader has it"

_SIZE = 100
_PARTITIONS = 3
_PRODUCERS = (1, 16, 64)


def _able(lab: Lab, subjects: list[Subject]) -> list[Subject]:
    return [subject for subject in lab.warmed_up(subjects, Mode.SYNC) if isinstance(subject, KafkaProtocolSubject)]


def run_idempotent(lab: Lab) -> None:
    """One row for each server and policy."""
    for policy in lab.policies():
        with lab.running(lab.under(policy)) as started:
            for subject in _able(lab, started):
                setting: Setting = {"size": _SIZE, "partitions": _PARTITIONS}
                lab.rounds(IDEMPOTENT, [subject], setting, partial(_both, lab))


def _both(lab: Lab, subject: Subject) -> dict[str, float]:
    """One run after the other, so that both meet the same machine."""
    plain, idempotent = (_produce(lab, enabled, subject) for enabled in ("false", "true"))
    idempotent["plain_per_s"] = plain["messages_per_s"]
    idempotent["plain_cpu_s_per_gb"] = plain["cpu_s_per_gb"]
    idempotent["times"] = idempotent["messages_per_s"] / plain["messages_per_s"]
    return idempotent


def _produce(lab: Lab, enabled: str, subject: Subject) -> dict[str, float]:
    topic = f"idempotent-{enabled}"
    subject.create_topic(topic, _PARTITIONS)
    try:
        workload = Workload(
            mode=Mode.PRODUCE,
            topic=topic,
            size=_SIZE,
            partitions=_PARTITIONS,
            seconds=lab.profile.seconds,
            overrides=(f"enable.idempotence={enabled}",),
        )
        return lab.load(workload, subject)
    finally:
        subject.delete_topic(topic)


def run_transactions(lab: Lab) -> None:
    """One row for each server, policy and number of producers; a message is a transaction."""
    for policy in lab.policies():
        with lab.running(lab.under(policy)) as started:
            subjects = lab.with_topic(_able(lab, started), TRANSACTIONS, _PARTITIONS)
            for producers in _PRODUCERS:
                workload = Workload(
                    mode=Mode.TRANSACT,
                    topic=TRANSACTIONS,
                    size=_SIZE,
                    partitions=_PARTITIONS,
                    connections=producers,
                    seconds=lab.profile.seconds,
                )
                lab.rounds(TRANSACTIONS, subjects, {"producers": producers}, partial(_transact, lab, workload))


def run_pipeline(lab: Lab) -> None:
    """One row for each server and policy."""
    for policy in lab.policies():
        with lab.running(lab.under(policy)) as started:
            lab.rounds(PIPELINE, _able(lab, started), {"size": _SIZE}, partial(_through, lab))


def _through(lab: Lab, subject: Subject) -> dict[str, float]:
    """In topics of its own, since it reads from their beginning."""
    topics = (PIPELINE, f"{PIPELINE}-out")
    for topic in topics:
        subject.create_topic(topic, 1)
    try:
        workload = Workload(mode=Mode.PIPELINE, topic=PIPELINE, size=_SIZE, seconds=lab.profile.seconds)
        return _transact(lab, workload, subject)
    finally:
        for topic in topics:
            subject.delete_topic(topic)


def _transact(lab: Lab, workload: Workload, subject: Subject) -> dict[str, float]:
    values = lab.load(workload, subject)
    values["transaction_cpu_us"] = values["server_cpu_s"] / (values["messages_per_s"] * values["seconds"]) * 1e6
    return values
