"""Transactional producers as processes, told what to do step by step; and what they were told of their records.

Lives here: one producer, one step at a time. Must not live here: what must be there in the end; the tests know.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from tests.clients.harness.clients import Client
from tests.clients.harness.kinds import AIOKAFKA, CONFLUENT, FRANZ, JAVA, JAVA_3, KAFKA_PYTHON, KAFKAJS
from tests.clients.harness.records import armour, bare

# kcat has no transactional producer.
TRANSACTIONAL = (CONFLUENT, KAFKA_PYTHON, AIOKAFKA, KAFKAJS, FRANZ, JAVA, JAVA_3)

# Longer than any test.
PATIENT_MS = 600_000
STEP_WITHIN_S = 60.0
READ_WITHIN_S = 60.0
LOOK_EVERY_S = 0.02


class Refused(Exception):
    """A step was answered with an error; `code` is Kafka's, the client's own, or None."""

    def __init__(self, step: str, code: int | None, message: str) -> None:
        super().__init__(f"{step}: {message}")
        self.code = code


@dataclass(frozen=True, slots=True, order=True)
class Written:
    """One record where it was acknowledged."""

    partition: int
    offset: int
    value: str


class Transactor:
    """One process with one producer at a time."""

    def __init__(self, client: Client, bootstrap: str, step_within_s: float = STEP_WITHIN_S) -> None:
        self.client = client
        self.doing = "nothing"
        self._step_within_s = step_within_s
        self._session = client.session("transact", bootstrap)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    def init(self, transactional_id: str, timeout_ms: int = PATIENT_MS) -> None:
        """A new producer of that name, which fences every other."""
        self._step("init", transactional_id=transactional_id, timeout_ms=timeout_ms)

    def begin(self) -> None:
        self._step("begin")

    def send(self, topic: str, records: Iterable[tuple[int, str]]) -> list[Written]:
        """Records by partition and value; where they are, when all are acknowledged."""
        told = list(records)
        lines = [
            {"topic": topic, "partition": partition, "key": None, "value": armour(value.encode())}
            for partition, value in told
        ]
        offsets = self._step("send", records=lines)
        return [Written(partition, offset, value) for (partition, value), offset in zip(told, offsets, strict=True)]

    def offsets(self, group: str, offsets: Iterable[tuple[str, int, int]]) -> None:
        """Offsets of a group that nobody has joined."""
        self._step("offsets", group=group, offsets=[list(place) for place in offsets])

    def commit(self) -> None:
        self._step("commit")

    def abort(self) -> None:
        self._step("abort")

    def abandon(self) -> None:
        """The process is gone while somebody may be waiting for its answer; what is open is left open."""
        self._session.abandon()

    def kill(self) -> None:
        """The process is gone, and nobody is told."""
        self._session.abandon()
        self._session.close()

    def stderr(self) -> str:
        return self._session.stderr()

    def _step(self, op: str, **arguments: object) -> Any:
        self.doing = op
        self._session.tell({"op": op, **arguments})
        answer = self._session.next(self._step_within_s)
        self.doing = "nothing"
        if "ok" not in answer:
            raise Refused(op, answer["error"], answer["message"])
        return answer["ok"]


Lists = dict[tuple[str, int], list[Written]]
"""The records of some partitions, each in its order."""


def lists(topic: str, records: Iterable[Written]) -> Lists:
    """Records of one topic as a reader should find them."""
    found: Lists = defaultdict(list)
    for record in sorted(records):
        found[topic, record.partition].append(record)
    return dict(found)


def read(reader: Client, bootstrap: str, expected: Lists, isolation: str) -> Lists:
    """What a client reads of these partitions, of each as many records as are expected. Raises DriverFailed."""
    wanted = [
        {"topic": topic, "partition": partition, "offset": 0, "count": len(records)}
        for (topic, partition), records in expected.items()
    ]
    found: Lists = defaultdict(list)
    for answer in reader.run("consume", bootstrap, wanted, "--isolation", isolation, within_s=READ_WITHIN_S):
        value = bare(answer["value"])
        assert value is not None, answer
        found[answer["topic"], answer["partition"]].append(
            Written(answer["partition"], answer["offset"], value.decode())
        )
    return dict(found)


def write(bootstrap: str, topic: str, records: Iterable[tuple[int, str]]) -> list[Written]:
    """Records outside of every transaction."""
    told = list(records)
    lines = [
        {"n": n, "topic": topic, "partition": partition, "key": None, "value": armour(value.encode())}
        for n, (partition, value) in enumerate(told)
    ]
    answers = {answer["n"]: answer["offset"] for answer in CONFLUENT.run("produce", bootstrap, lines)}
    return [Written(partition, answers[n], value) for n, (partition, value) in enumerate(told)]


def wait_until(true: Callable[[], bool], within_s: float, why: Callable[[], object]) -> None:
    """Look until something is so that nobody tells of."""
    deadline = time.monotonic() + within_s
    pause = threading.Event()
    while not true():
        assert time.monotonic() < deadline, f"not so after {within_s} s: {why()}"
        pause.wait(LOOK_EVERY_S)
