"""Every client writes, every client reads what every client wrote: done once, looked at by many tests.

Starting a client costs more than what it does here. So each is started once to write all its lanes and once to read
everything; a test then asks for one pair.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from tests.clients.harness.clients import Client
from tests.clients.harness.records import LANES, Sample, difference, now_ms, request, sendable

# As many clients at the same time as keep two cores busy while some of them wait.
AT_ONCE = 3
ALONE_WITHIN_S = 15.0

Place = tuple[str, int]


class Matrix:
    """What each client wrote and read."""

    def __init__(self, bootstrap: str, clients: Sequence[Client], create: Callable[[str, int], object]) -> None:
        self._bootstrap = bootstrap
        self._clients = {client.name: client for client in clients}
        self._started_ms = now_ms()
        for client in clients:
            create(topic_of(client), len(LANES))
        with ThreadPoolExecutor(AT_ONCE) as pool:
            self._written = {client.name: pool.submit(self._write, client) for client in clients}
        with ThreadPoolExecutor(AT_ONCE) as pool:
            self._read = {client.name: pool.submit(self._read_all, client) for client in clients}

    def acknowledged(self, producer: str) -> dict[int, list[int]]:
        """The offsets that a producer was told, by partition, in the order of its records. Raises DriverFailed."""
        return self._written[producer].result()

    def expected(self, producer: str, partition: int) -> list[Sample]:
        """The records that a producer wrote to a partition."""
        return sendable(LANES[partition], self._clients[producer].cannot_send)

    def differences(self, producer: str, consumer: str) -> list[str]:
        """What a consumer did not read as the producer wrote it. Raises DriverFailed."""
        self.acknowledged(producer)
        written = self._clients[producer]
        records = self._records(written, self._clients[consumer])
        findings = []
        for partition, lane in enumerate(LANES):
            got = records[topic_of(written), partition]
            expected = self.expected(producer, partition)
            if len(got) != len(expected):
                findings.append(f"{lane}: {len(got)} records, {len(expected)} were written")
            for offset, (sample, record) in enumerate(zip(expected, got, strict=False)):
                found = difference(sample, offset, self._started_ms, record)
                if found is not None:
                    findings.append(f"{lane} offset {offset}: {found}")
        return findings

    def _write(self, client: Client) -> dict[int, list[int]]:
        lines: list[dict[str, Any]] = []
        places: list[int] = []
        for partition, lane in enumerate(LANES):
            for sample in self.expected(client.name, partition):
                lines.append(request(len(lines), topic_of(client), partition, sample, lane))
                places.append(partition)
        answers = {answer["n"]: answer for answer in client.run("produce", self._bootstrap, lines)}
        refused = [answer for answer in answers.values() if "error" in answer]
        assert not refused, f"{client.name} was refused {refused}"
        assert len(answers) == len(lines), f"{client.name} has {len(answers)} answers to {len(lines)} records"
        offsets = defaultdict(list)
        for n, partition in enumerate(places):
            offsets[partition].append(answers[n]["offset"])
        return dict(offsets)

    def _read_all(self, consumer: Client) -> dict[Place, list[dict[str, Any]]]:
        written = [self._clients[name] for name, done in self._written.items() if done.exception() is None]
        return self._read_topics(consumer, written, within_s=60.0)

    def _records(self, producer: Client, consumer: Client) -> dict[Place, list[dict[str, Any]]]:
        together: Future[dict[Place, list[dict[str, Any]]]] = self._read[consumer.name]
        if together.exception() is None:
            return together.result()
        # Something cannot be read by this consumer: show whether it is the work of this producer.
        return self._read_topics(consumer, [producer], within_s=ALONE_WITHIN_S)

    def _read_topics(
        self, consumer: Client, producers: Iterable[Client], within_s: float
    ) -> dict[Place, list[dict[str, Any]]]:
        lines = [
            {
                "topic": topic_of(producer),
                "partition": partition,
                "offset": 0,
                "count": len(self.expected(producer.name, partition)),
            }
            for producer in producers
            for partition in range(len(LANES))
        ]
        records = defaultdict(list)
        for record in consumer.run("consume", self._bootstrap, lines, within_s=within_s):
            records[record["topic"], record["partition"]].append(record)
        return records


def topic_of(producer: Client) -> str:
    return f"matrix.{producer.name}"
