"""A reader in read_committed that never stops: what it has of every partition, and where it may be cut.

At the last stable offset every transaction before it is decided, so that what has been read up to there is whole: a
list may be looked at there, and in no other place.

Lives here: reading. Must not live here: what the records mean (bank.py).
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from confluent_kafka import Consumer, KafkaError, TopicPartition

AT_ONCE = 500
POLL_S = 0.05
ENDED_WITHIN_S = 20.0
# A broker that is killed and started again is back in well under a second.
SETTINGS = {
    "group.id": "never-joined",
    "enable.auto.commit": False,
    "auto.offset.reset": "error",
    "isolation.level": "read_committed",
    "enable.partition.eof": True,
    "fetch.wait.max.ms": 50,
    "reconnect.backoff.ms": 20,
    "reconnect.backoff.max.ms": 100,
    "metadata.recovery.strategy": "none",
    "log_level": 0,
}


class Teller:
    """A consumer of all partitions of a topic, and the thread that runs it. `see` is called with each whole list."""

    def __init__(
        self, bootstrap: str, topic: str, partitions: int, see: Callable[[int, tuple[str, ...]], None]
    ) -> None:
        self._changed = threading.Condition()
        self._read: list[list[str]] = [[] for _ in range(partitions)]
        self._whole: list[tuple[str, ...]] = [()] * partitions
        self._ends = [0] * partitions
        self._troubles: list[str] = []
        self._see = see
        self._ended = False
        self._consumer = Consumer({"bootstrap.servers": bootstrap, **SETTINGS})
        self._consumer.assign([TopicPartition(topic, number, 0) for number in range(partitions)])
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def whole(self, partition: int) -> tuple[str, ...]:
        """The list as it was at the latest cut."""
        with self._changed:
            return self._whole[partition]

    def wait_read(self, ends: list[int], within_s: float) -> list[tuple[str, ...]]:
        """Wait until everything before these offsets is read; the lists at a cut at or after them."""
        with self._changed:
            reached = self._changed.wait_for(
                lambda: (
                    bool(self._troubles) or all(end >= wanted for end, wanted in zip(self._ends, ends, strict=True))
                ),
                within_s,
            )
            assert not self._troubles, "\n".join(self._troubles)
            assert reached, f"read up to {self._ends}, not up to {ends}, after {within_s} s"
            return list(self._whole)

    def close(self) -> None:
        self._ended = True
        self._thread.join(ENDED_WITHIN_S)
        self._consumer.close()

    def _run(self) -> None:
        while not self._ended:
            for message in self._consumer.consume(AT_ONCE, POLL_S):
                error = message.error()
                if error is None:
                    self._take(message.partition(), message.value())
                elif error.code() == KafkaError._PARTITION_EOF:
                    self._cut(message.partition(), message.offset())
                elif not error.retriable() and error.code() not in BROKER_IS_AWAY:
                    self._complain(str(error))

    def _take(self, partition: int | None, value: bytes | None) -> None:
        assert partition is not None
        assert value is not None
        self._read[partition].append(value.decode())

    def _cut(self, partition: int | None, offset: int | None) -> None:
        assert partition is not None
        assert offset is not None
        with self._changed:
            whole = tuple(self._read[partition])
            self._whole[partition] = whole
            self._ends[partition] = offset
            self._changed.notify_all()
        try:
            self._see(partition, whole)
        except AssertionError as wrong:
            self._complain(str(wrong))

    def _complain(self, trouble: str) -> None:
        with self._changed:
            self._troubles.append(trouble)
            self._changed.notify_all()


BROKER_IS_AWAY = (KafkaError._TRANSPORT, KafkaError._ALL_BROKERS_DOWN, KafkaError._RESOLVE, KafkaError._TIMED_OUT)
