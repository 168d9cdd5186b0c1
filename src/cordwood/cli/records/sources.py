"""Where records come from: partitions that are named, or those that a group assigns.

Either may come to an end by itself or go on for ever.

Lives here: consumers of librdkafka, and when they are at an end. Must not live here: what is done with records.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

from confluent_kafka import Consumer, KafkaException, TopicPartition

from cordwood.cli.client.connecting import Watch, client_properties
from cordwood.cli.client.errors import Unreachable, error_of
from cordwood.cli.terminal.exits import Exit, warn
from cordwood.env.clock import Clock, SystemClock

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cordwood.cli.client.offsets import Place
    from cordwood.cli.client.options import Connection
    from cordwood.cli.records.message import Message
    from cordwood.cli.records.windows import Windows

POLL_S: Final = 0.1
"""How long a call into librdkafka lasts: signals are only seen between them."""

BATCH_RECORDS: Final = 10_000
"""How many records are taken from librdkafka at once; it has them in memory already."""

BOUNDED_WAIT_MS: Final = 10
FOLLOWING_WAIT_MS: Final = 500
"""How long a broker may hold a fetch back while it has nothing: short where the end is what is waited for."""

READER: Final = "cordwood-consume"
"""librdkafka wants the name of a group even of who joins none."""

OWN: Final = {
    "allow.auto.create.topics": False,
    "enable.auto.offset.store": False,
    "enable.partition.eof": True,
    "fetch.queue.backoff.ms": 10,  # Its default, a second, is felt: writing is often faster than fetching.
}


class Source(Protocol):
    """Records, batch by batch."""

    def batch(self, limit: int) -> Sequence[Message] | None:
        """At most so many records, none if none came for now; None at the end. Raises Unreachable, KafkaException."""

    def written(self, messages: Sequence[Message]) -> None:
        """Says that these were handed on."""

    def close(self) -> None:
        """Leaves."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How records are read, whoever reads them."""

    connection: Connection
    isolation: str

    def consumer(self, watch: Watch, more: dict[str, Any]) -> Consumer:
        """A consumer with these properties; those that people gave win."""
        return Consumer(client_properties(self.connection, watch, {**OWN, "isolation.level": self.isolation, **more}))


class Partitions:
    """The windows of partitions, whoever else reads them."""

    def __init__(self, reading: Reading, windows: Windows, clock: Clock | None = None) -> None:
        self._windows = windows
        self._connection = reading.connection
        self._clock = clock or SystemClock()
        self._heard_at = self._clock.monotonic()
        self._watch = Watch(reading.connection)
        wait_ms = BOUNDED_WAIT_MS if windows.is_bounded else FOLLOWING_WAIT_MS
        own = {
            "group.id": READER,
            "enable.auto.commit": False,
            "auto.offset.reset": "error",
            "fetch.wait.max.ms": wait_ms,
        }
        self._consumer = reading.consumer(self._watch, own)
        self._consumer.assign([TopicPartition(*place, offset) for place, offset in windows.positions.items()])

    def batch(self, limit: int) -> Sequence[Message] | None:
        if self._windows.is_through:
            return None
        received = _received(self._consumer, limit)
        if received:
            self._heard_at = self._clock.monotonic()
        else:
            self._check()
        records = [message for message in received if message.error() is None]
        inside = self._windows.inside(records)  # Before errors: an end that was reached comes behind its records.
        if len(records) != len(received):
            self._take_errors(received)
        self._leave(self._windows.take_closed())
        return inside

    def _leave(self, closed: list[Place]) -> None:
        """Partitions that are through are not fetched any more."""
        if closed:
            self._consumer.incremental_unassign([TopicPartition(*place) for place in closed])

    def written(self, messages: Sequence[Message]) -> None:
        """Nobody keeps offsets here."""

    def close(self) -> None:
        self._consumer.close()

    def _check(self) -> None:
        """Who follows waits for brokers to come back; who wants to come to an end does not."""
        if not self._windows.is_bounded:
            self._watch.hopes()
            return
        self._watch.check()
        if self._clock.monotonic() - self._heard_at > self._connection.timeout_s:
            silence = f"no record came for {self._connection.timeout_s:g} seconds (--timeout)"
            raise self._watch.trouble or Unreachable(self._connection.servers, silence, Exit.CONNECT)

    def _take_errors(self, received: list[Any]) -> None:
        for message in received:
            error = message.error()
            if error is None:
                continue
            if error.name() == "_PARTITION_EOF":
                self._windows.reached_end(place_of(message))
            elif error.name() == "_AUTO_OFFSET_RESET":
                self._go_on_at_start(place_of(message))
            elif error.name() not in PASSING:
                raise KafkaException(error)

    def _go_on_at_start(self, place: Place) -> None:
        """Retention was faster than we: some records are gone, which is told."""
        topic, partition = place
        warn(f"{topic}-{partition}: records are gone before they were read; going on with the first that is there")
        low, _ = self._consumer.get_watermark_offsets(
            TopicPartition(topic, partition), timeout=self._connection.timeout_s
        )
        self._consumer.incremental_unassign([TopicPartition(topic, partition)])  # A seek is refused in this state.
        self._consumer.incremental_assign([TopicPartition(topic, partition, low)])


class Group:
    """The partitions that a group assigns to us; offsets are committed after what came before them was written."""

    def __init__(self, reading: Reading, topics: Sequence[str], group: str, reset: str, *, stops_at_end: bool) -> None:
        self._stops_at_end = stops_at_end
        self._watch = Watch(reading.connection)
        self._at_end: set[Place] = set()
        self._is_assigned = False
        own = {
            "group.id": group,
            "enable.auto.commit": True,
            "auto.offset.reset": reset,
            "fetch.wait.max.ms": BOUNDED_WAIT_MS if stops_at_end else FOLLOWING_WAIT_MS,
        }
        self._consumer = reading.consumer(self._watch, own)
        self._consumer.subscribe(list(topics), on_assign=self._assigned, on_revoke=self._revoked)

    def batch(self, limit: int) -> Sequence[Message] | None:
        if (
            self._stops_at_end
            and self._is_assigned
            and self._at_end.issuperset(map(_place, self._consumer.assignment()))
        ):
            return None
        received = _received(self._consumer, limit)
        if not self._is_assigned:
            self._watch.check()
        records = [message for message in received if message.error() is None]
        if len(records) != len(received):
            self._take_errors(received)
        return records

    def written(self, messages: Sequence[Message]) -> None:
        last = {place_of(message): message.offset() + 1 for message in messages}
        for (topic, partition), offset in last.items():
            self._store(TopicPartition(topic, partition, offset))

    def close(self) -> None:
        """Commits what was written, and leaves the group."""
        self._consumer.close()

    def _store(self, offset: TopicPartition) -> None:
        try:
            self._consumer.store_offsets(offsets=[offset])
        except KafkaException as exception:
            if error_of(exception).name() != "_STATE":  # The partition is another member's by now.
                raise

    def _assigned(self, _consumer: Consumer, _partitions: list[TopicPartition]) -> None:
        self._is_assigned = True

    def _revoked(self, _consumer: Consumer, partitions: list[TopicPartition]) -> None:
        self._at_end.difference_update(map(_place, partitions))

    def _take_errors(self, received: list[Any]) -> None:
        for message in received:
            error = message.error()
            if error is None:
                continue
            if error.name() == "_PARTITION_EOF":
                self._at_end.add(place_of(message))
            elif error.name() not in PASSING:
                raise KafkaException(error)


PASSING: Final = frozenset({"_ALL_BROKERS_DOWN", "_TRANSPORT", "_RESOLVE", "_MAX_POLL_EXCEEDED"})
"""What librdkafka mends by itself."""


def _received(consumer: Consumer, limit: int) -> list[Any]:
    """What is there now; if there is nothing, what comes first within a moment."""
    received: list[Any] = consumer.consume(min(limit, BATCH_RECORDS), 0)
    if received:
        return received
    first = consumer.poll(POLL_S)
    return [] if first is None else [first]


def place_of(message: Message) -> Place:
    """The partition of a record."""
    return message.topic(), message.partition()


def _place(partition: TopicPartition) -> Place:
    return partition.topic, partition.partition
