"""Other people's clients: confluent-kafka from Python, and kcat as the plain C client."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from functools import partial

from bench.clients import kcat
from bench.generator import Mode, Outcome, read_outcome
from bench.lab import Lab
from bench.results import Values
from bench.subjects.base import Subject
from bench.subjects.kafka_protocol import KafkaProtocolSubject

NAME = "clients"
DOCUMENT = "confluent-kafka from Python and kcat: produce and consume 100 B"

_SIZE = 100
_TIMEOUT_S = 120.0

Client = Callable[[str, str, str, int], Outcome]
"""Called with the address, produce or consume, the topic, and the number of messages."""


def _confluent(address: str, work: str, topic: str, messages: int) -> Outcome:
    command = [sys.executable, "-m", "bench.clients.confluent", work, address, topic, str(messages), str(_SIZE)]
    return read_outcome(command, timeout_s=_TIMEOUT_S)


def _kcat(address: str, work: str, topic: str, messages: int) -> Outcome:
    client = kcat.produce if work == "produce" else kcat.consume
    return client(address, topic, messages, _SIZE)


def run(lab: Lab) -> None:
    """Rows for each server that speaks Kafka's protocol, client and direction."""
    messages = 600_000 if lab.profile.quick else 2_000_000
    clients: dict[str, Client] = {"confluent-kafka": _confluent}
    if shutil.which("kcat"):
        clients["kcat"] = _kcat
    else:
        lab.results.missing["kcat"] = "kcat is not installed (Debian: kcat)"
    contenders = [(kind, policy) for kind, policy in lab.once() if issubclass(kind, KafkaProtocolSubject)]
    with lab.running(contenders) as started:
        warm = lab.warmed_up(started, Mode.PRODUCE)
        for name, client in clients.items():
            subjects = lab.with_topic(warm, name, 1)
            for work in ("produce", "consume"):
                take = partial(_take, lab, client, work, name, messages)
                lab.rounds(NAME, subjects, {"client": name, "work": work, "size": _SIZE}, take)


def _take(lab: Lab, client: Client, work: str, topic: str, messages: int, subject: Subject) -> Values:
    return lab.observe(subject, lambda: client(subject.address, work, topic, messages))
