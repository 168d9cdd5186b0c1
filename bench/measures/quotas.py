"""Quotas: how close a client that always wants more is held to its quota over ten seconds, and what another one feels."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, Message, Producer, ThrottleEvent, TopicPartition

from bench.asking import set_quotas
from bench.generator import BenchError
from bench.lab import Lab
from bench.results import Values
from bench.subjects.base import Subject

NAME: Final = "quotas"
DOCUMENT: Final = (
    "a producer and a consumer over their quota for ten seconds: how much of it they get, what others feel"
)

SECONDS: Final = 10.0
_RATES: Final = (1_000_000, 10_000_000)
_VALUE: Final = bytes(10_000)
_PAUSE_S: Final = 0.01
_TIMEOUT_S: Final = 120.0


def run(lab: Lab) -> None:
    """One row for each server, direction and quota."""
    with lab.running(lab.once()) as started:
        for rate in _RATES:
            for direction, take in (("produce", _produce), ("consume", _consume)):
                subjects = lab.with_topic(started, f"{direction}-{rate}", 1)
                setting = {"direction": direction, "quota": rate}
                lab.rounds(NAME, subjects, setting, partial(_take, take, direction, rate), rounds=1)


def _settings(subject: Subject, client_id: str) -> dict[str, Any]:
    return {"bootstrap.servers": subject.address, "client.id": client_id, "enable.metrics.push": False}


class Throttled:
    """The longest wait that librdkafka was told."""

    def __init__(self) -> None:
        self.longest_s = 0.0

    def settings(self, subject: Subject, client_id: str) -> dict[str, Any]:
        return {**_settings(subject, client_id), "throttle_cb": self._told}

    def _told(self, event: ThrottleEvent) -> None:
        self.longest_s = max(self.longest_s, event.throttle_time)


def _take(take: Callable[[Subject, str, Throttled], int], direction: str, rate: int, subject: Subject) -> Values:
    topic = f"{direction}-{rate}"
    if direction == "consume":
        _fill(subject, topic, 2 * rate * SECONDS)
    set_quotas(subject.port, "greedy", producer_byte_rate=rate, consumer_byte_rate=rate)
    alone = _Other(subject, topic).measured(lambda: time.sleep(SECONDS / 2))
    throttled, got = Throttled(), [0]
    beside = _Other(subject, topic).measured(lambda: got.__setitem__(0, take(subject, topic, throttled)))
    return {
        "times_quota": got[0] / (rate * SECONDS),
        "mb_per_s": got[0] / SECONDS / 1e6,
        "throttle_ms": throttled.longest_s * 1000,
        "alone_p50_us": alone[0],
        "alone_p99_us": alone[1],
        "p50_us": beside[0],
        "p99_us": beside[1],
    }


def _produce(subject: Subject, topic: str, throttled: Throttled) -> int:
    """The bytes that were acknowledged within the time."""
    acknowledged = [0]
    end = time.monotonic() + SECONDS

    def count(error: KafkaError | None, message: Message) -> None:
        if error is None and time.monotonic() < end:
            acknowledged[0] += len(message)

    settings = {"queue.buffering.max.kbytes": 1_024, "batch.size": 65_536, "linger.ms": 1}
    producer = Producer({**throttled.settings(subject, "greedy"), **settings})
    while time.monotonic() < end:
        try:
            producer.produce(topic, _VALUE, on_delivery=count)
            producer.poll(0)
        except BufferError:
            producer.poll(0.001)
    producer.purge()
    return acknowledged[0]


def _consume(subject: Subject, topic: str, throttled: Throttled) -> int:
    """The bytes that were there within the time, which begins with the first message."""
    got, end = 0, time.monotonic() + _TIMEOUT_S
    consumer = Consumer({**throttled.settings(subject, "greedy"), "group.id": "quotas", "enable.auto.commit": False})
    consumer.assign([TopicPartition(topic, 0, OFFSET_BEGINNING)])
    while time.monotonic() < end:
        for message in consumer.consume(1_000, 0.01):
            if message.error() is None:
                end = end if got else time.monotonic() + SECONDS
                got += len(message)
    consumer.close()
    return got


def _fill(subject: Subject, topic: str, size_bytes: float) -> None:
    producer = Producer({**_settings(subject, "filler"), "batch.size": 65_536})
    for _ in range(int(size_bytes / len(_VALUE))):
        producer.produce(topic, _VALUE)
        producer.poll(0)
        while len(producer) > 5_000:
            producer.poll(0.01)
    if producer.flush(_TIMEOUT_S):
        raise BenchError(f"{subject.label}: the topic could not be filled")


class _Other:
    """A client without a quota, which sends one message at a time and waits for it."""

    def __init__(self, subject: Subject, topic: str) -> None:
        self._producer = Producer({**_settings(subject, "other"), "linger.ms": 0})
        self._topic = topic
        self._took_us: list[float] = []
        self._ending = threading.Event()

    def measured(self, meanwhile: Callable[[], None]) -> tuple[float, float]:
        """The median and the 99th percentile of its waits while something else is done."""
        self._send()  # A connection is made for the first one.
        self._took_us.clear()
        thread = threading.Thread(target=self._run)
        thread.start()
        try:
            meanwhile()
        finally:
            self._ending.set()
            thread.join()
        took = sorted(self._took_us)
        return took[len(took) // 2], took[len(took) * 99 // 100]

    def _run(self) -> None:
        while not self._ending.wait(_PAUSE_S):
            self._send()

    def _send(self) -> None:
        begin = time.perf_counter()
        self._producer.produce(self._topic, b"x")
        self._producer.flush(_TIMEOUT_S)
        self._took_us.append((time.perf_counter() - begin) * 1e6)
