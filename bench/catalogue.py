"""The visible list of what can be measured and on what."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bench.lab import Lab
from bench.measures import (
    clients,
    consume,
    embedded,
    groups,
    memory,
    partitions,
    produce,
    quotas,
    requests,
    startup,
    transactions,
)
from bench.subjects.base import Subject
from bench.subjects.cordwood import Cordwood
from bench.subjects.kafka import Kafka
from bench.subjects.rabbitmq import RabbitMQ
from bench.subjects.redis import Redis

SUBJECTS: Mapping[str, type[Subject]] = {kind.name: kind for kind in (Cordwood, Kafka, Redis, RabbitMQ)}


@dataclass(frozen=True, slots=True)
class Measure:
    """A name for `--only`, a sentence for `--list`, and the work."""

    name: str
    document: str
    run: Callable[[Lab], None]


MEASURES: Mapping[str, Measure] = {
    measure.name: measure
    for measure in (
        Measure(startup.NAME, startup.DOCUMENT, startup.run),
        Measure(memory.NAME, memory.DOCUMENT, memory.run),
        Measure(partitions.NAME, partitions.DOCUMENT, partitions.run),
        Measure(produce.NAME, produce.DOCUMENT, produce.run),
        Measure(consume.NAME, consume.DOCUMENT, consume.run),
        Measure(requests.PIPELINED, requests.PIPELINED_DOCUMENT, requests.run_pipelined),
        Measure(requests.SYNC, requests.SYNC_DOCUMENT, requests.run_sync),
        Measure(groups.GROUPS, groups.GROUPS_DOCUMENT, groups.run_groups),
        Measure(groups.COMMITS, groups.COMMITS_DOCUMENT, groups.run_commits),
        Measure(transactions.IDEMPOTENT, transactions.IDEMPOTENT_DOCUMENT, transactions.run_idempotent),
        Measure(transactions.TRANSACTIONS, transactions.TRANSACTIONS_DOCUMENT, transactions.run_transactions),
        Measure(transactions.PIPELINE, transactions.PIPELINE_DOCUMENT, transactions.run_pipeline),
        Measure(quotas.NAME, quotas.DOCUMENT, quotas.run),
        Measure(clients.NAME, clients.DOCUMENT, clients.run),
        Measure(embedded.NAME, embedded.DOCUMENT, embedded.run),
    )
}
