"""Records on their way to a topic: handed to librdkafka, and what became of each.

                        ┌── queue full ──> wait until some are acknowledged
    record ──> produce ─┴── reports ──> acknowledged: partition and offset
                                   └──> failed: the error

Lives here: one producer of librdkafka, and the sums. Must not live here: input, and what is shown.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec
from confluent_kafka import KafkaError, KafkaException, Producer

from cordwood.cli.client.connecting import Watch, client_properties
from cordwood.cli.client.errors import error_of, exit_of, words_of
from cordwood.cli.terminal.exits import Exit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cordwood.cli.client.options import Connection
    from cordwood.cli.records.message import Outgoing

Deliver = Callable[["KafkaError | None", Any], None]
"""Hears what became of a record."""

ANY_PARTITION: Final = -1
NOW: Final = 0
"""librdkafka's own words for what it is to choose."""

NO_OFFSET: Final = -1

FULL_WAIT_S: Final = 0.1
FLUSH_WAIT_S: Final = 0.1
"""How long a call into librdkafka lasts: signals are only seen between them."""

POLL_EVERY: Final = 1_000
"""After so many records reports are taken: each call costs as much as a record."""

OWN: Final = {
    "allow.auto.create.topics": False,
    "partitioner": "murmur2_random",  # Where Java's clients put a key; librdkafka's own puts it elsewhere.
    "queue.buffering.max.messages": 100_000,
    "queue.buffering.max.kbytes": 256 << 10,
}


class Report(msgspec.Struct, frozen=True, omit_defaults=False, gc=False):
    """What became of a record; `record` counts from 1. Either the offset is told or the error."""

    record: int
    topic: str
    partition: int | None
    offset: int | None
    error: str | None = None


class Refusal(NamedTuple):
    """Why records failed: the words, the exit code, and how many."""

    words: str
    code: Exit
    records: int


class Written:
    """What is known to be in one partition: how many records, and the offsets of the first and the last."""

    __slots__ = ("first", "last", "records")

    def __init__(self, first: int) -> None:
        self.records = 0
        self.first = first
        self.last = first


class Sums:
    """How many records were sent and have failed, and where the others are."""

    def __init__(self) -> None:
        self.sent = 0
        self.failed = 0
        self.written: dict[int, Written] = {}
        self._refusals: dict[tuple[str, Exit], int] = {}

    @property
    def acknowledged(self) -> int:
        """How many are in the log."""
        return sum(written.records for written in self.written.values())

    @property
    def refusals(self) -> list[Refusal]:
        """The different reasons of failures."""
        return [Refusal(words, code, records) for (words, code), records in self._refusals.items()]

    def acknowledge(self, partition: int, offset: int) -> None:
        """One more is in the log. Without acknowledgements nobody knows its offset, which is NO_OFFSET then."""
        written = self.written.get(partition)
        if written is None:
            written = self.written[partition] = Written(offset)
        written.records += 1
        written.first = min(written.first, offset)
        written.last = max(written.last, offset)

    def refuse(self, words: str, code: Exit) -> None:
        """One more has failed."""
        self.failed += 1
        self._refusals[words, code] = self._refusals.get((words, code), 0) + 1

    @property
    def code(self) -> Exit:
        """How the command ends: with the code of the failures, if they agree and nothing else was done."""
        if not self.failed:
            return Exit.OK
        if self.written:
            return Exit.PARTIAL
        codes = {code for _, code in self._refusals}
        return codes.pop() if len(codes) == 1 else Exit.ERROR


class Sender:
    """Sends records to one topic. `tell`, if somebody wants to know, hears of each as it is acknowledged or fails."""

    def __init__(
        self, connection: Connection, topic: str, more: Mapping[str, Any], tell: Callable[[Report], None] | None
    ) -> None:
        self.sums = Sums()
        self._topic = topic
        self._tell = tell
        self._watch = Watch(connection)
        own = {**OWN, "message.timeout.ms": max(1_000, round(connection.timeout_s * 1_000)), **more}
        properties = client_properties(connection, self._watch, own)
        self._producer = Producer(properties)
        if str(properties.get("enable.idempotence")).lower() == "true":
            self._get_ready(connection.timeout_s)

    def _get_ready(self, timeout_s: float) -> None:
        """Has librdkafka ask for its producer id now.

        It does so when it hears of metadata while a broker is connected, and otherwise every half a second. The first
        answer tells it the brokers, which it knew only by address; the second comes from one of them.
        """
        for _ in range(2):
            self._producer.list_topics(self._topic, timeout=timeout_s)

    def send(self, record: Outgoing) -> None:
        """Hands one on; waits while there is no room. A record that cannot be sent is a failure like any other."""
        self.sums.sent += 1
        number = self.sums.sent
        if record.timestamp_ms == 0:
            self._refuse(number, "a timestamp of 0 cannot be sent: librdkafka takes it for now", Exit.ERROR)
            return
        report = self._count if self._tell is None else partial(self._report, number)
        while not self._offer(record, report):
            self._producer.poll(FULL_WAIT_S)
        if not number % POLL_EVERY:
            self._producer.poll(0)

    def poll(self) -> None:
        """Takes what librdkafka has to report."""
        self._producer.poll(0)

    def flush(self) -> None:
        """Waits until all are acknowledged or have failed, which takes the connection's time at most."""
        while self._producer.flush(FLUSH_WAIT_S):
            pass

    def give_up(self) -> None:
        """Drops what is not acknowledged."""
        self._producer.purge()
        self._producer.flush(FLUSH_WAIT_S)

    def _offer(self, record: Outgoing, report: Deliver) -> bool:
        """Whether librdkafka took it, or refused it for good; not so if its queue is full."""
        try:
            if record.timestamp_ms is None and record.partition is None and not record.headers:
                self._producer.produce(self._topic, record.value, record.key, on_delivery=report)
            else:
                self._producer.produce(
                    self._topic,
                    record.value,
                    record.key,
                    on_delivery=report,
                    partition=ANY_PARTITION if record.partition is None else record.partition,
                    timestamp=NOW if record.timestamp_ms is None else record.timestamp_ms,
                    headers=list(record.headers),
                )
        except BufferError:
            return False
        except KafkaException as exception:
            report(error_of(exception), None)
        return True

    def _count(self, error: KafkaError | None, message: Any) -> None:  # noqa: ANN401 - librdkafka's own
        """A report where only the sums are wanted."""
        if error is None:
            offset = message.offset()
            self.sums.acknowledge(message.partition(), NO_OFFSET if offset is None else offset)
        else:
            self.sums.refuse(words_of(error), exit_of(error))

    def _report(self, number: int, error: KafkaError | None, message: Any) -> None:  # noqa: ANN401 - the same
        """A report where each record counts."""
        if error is not None:
            self._refuse(number, words_of(error), exit_of(error))
            return
        self._count(None, message)
        if self._tell is not None:
            self._tell(Report(number, self._topic, message.partition(), message.offset()))

    def _refuse(self, number: int, words: str, code: Exit) -> None:
        self.sums.refuse(words, code)
        if self._tell is not None:
            self._tell(Report(number, self._topic, None, None, words))
