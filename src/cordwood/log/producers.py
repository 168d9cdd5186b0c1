"""What the log knows of its idempotent producers: enough to tell a retry from a gap.

For each producer id the epoch and the last five batches. The rules are those of Kafka's ProducerStateManager and
ProducerAppendInfo for batches of clients:

| the batch                                             | outcome                                                   |
|-------------------------------------------------------|-----------------------------------------------------------|
| is one of the last five of this epoch                 | a retry: answered with the offsets of the first time      |
| has an older epoch                                    | InvalidProducerEpoch                                      |
| has a newer epoch                                     | must begin with sequence 0, else OutOfOrderSequence       |
| follows the last one (sequences wrap at 2**31)        | appended                                                  |
| anything else                                         | OutOfOrderSequence                                        |
| is of a producer that the log does not know           | appended, whatever its sequence: the log may have forgotten |

The snapshot `<offset>.snapshot` holds the state below that offset (docs/formats/snapshot.md): payload of a checkpoint,

      +--------+-------+  then each producer:  +----+-------+----+-------+  then each of its batches:
      | offset | count |                       | id | epoch | at | count |  +----------+----------+----------+----------+----+
      +--------+-------+                       +----+-------+----+-------+  | sequence | last     | offset   | last     | at |
        i64      u32                            i64  i16     i64  u8        +----------+----------+----------+----------+----+
                                                                              i32        i32        i64        i64        i64

Lives here: the table and the bytes of its snapshot. Must not live here: files, offsets' assignment, locks.
"""

from __future__ import annotations

from struct import Struct, error
from typing import TYPE_CHECKING, Final, NamedTuple

from cordwood.log.checkpoint import Kind
from cordwood.model.errors import CorruptLog, InvalidProducerEpoch, OutOfOrderSequence
from cordwood.model.limits import PRODUCER_BATCH_WINDOW

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cordwood.records.batch import BatchHeader

SNAPSHOT: Final = Kind(b"CWps", 1)

_SEQUENCE_LIMIT: Final = 1 << 31
_TABLE: Final = Struct("<qI")
_PRODUCER: Final = Struct("<qhqB")
_BATCH: Final = Struct("<iiqqq")


class ProducedBatch(NamedTuple):
    """One batch of a producer, as far as a retry of it needs to be known."""

    base_sequence: int
    last_sequence: int
    base_offset: int
    last_offset: int
    timestamp_ms: int


class Producer:
    """The state of one producer id."""

    __slots__ = ("batches", "epoch", "last_timestamp_ms")

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch
        self.batches: list[ProducedBatch] = []
        self.last_timestamp_ms = -1
        """When it last appended, by the clock of the log."""


class ProducerTable:
    """The producers of one log. The log's writer calls; `snapshot` may be asked under the writer's lock only."""

    __slots__ = ("_producers",)

    def __init__(self) -> None:
        self._producers: dict[int, Producer] = {}

    def __len__(self) -> int:
        return len(self._producers)

    def __iter__(self) -> Iterator[tuple[int, Producer]]:
        return iter(list(self._producers.items()))

    def find(self, producer_id: int) -> Producer | None:
        """The state of one producer, or None if the log does not know it."""
        return self._producers.get(producer_id)

    def check(self, header: BatchHeader) -> ProducedBatch | None:
        """Decides over a client's batch that has a producer id: None to append it, or the earlier one it repeats.

        Raises InvalidProducerEpoch, OutOfOrderSequence.
        """
        producer = self._producers.get(header.producer_id)
        if producer is None:
            return None
        epoch, sequence = header.producer_epoch, header.base_sequence
        if epoch == producer.epoch:
            batches = producer.batches
            last = batches[-1].last_sequence if batches else -1
            if sequence == last + 1 or (sequence == 0 and last == _SEQUENCE_LIMIT - 1):
                return None
            last_sequence = header.last_sequence
            for batch in batches:
                if batch.base_sequence == sequence and batch.last_sequence == last_sequence:
                    return batch
            raise OutOfOrderSequence(header.producer_id, (last + 1) % _SEQUENCE_LIMIT, sequence)
        if epoch < producer.epoch:
            raise InvalidProducerEpoch(header.producer_id, producer.epoch, epoch)
        if sequence != 0:
            raise OutOfOrderSequence(header.producer_id, 0, sequence)
        return None

    def note(self, header: BatchHeader, base_offset: int, now_ms: int) -> None:
        """Remembers a batch that was appended at `base_offset`; `header` may still have the offset it came with."""
        producer = self._producers.get(header.producer_id)
        if producer is None:
            producer = self._producers[header.producer_id] = Producer(header.producer_epoch)
        elif producer.epoch != header.producer_epoch:
            producer.epoch = header.producer_epoch
            producer.batches = []
        producer.last_timestamp_ms = now_ms
        if header.base_sequence < 0:
            return  # A control batch: it carries the epoch, but no sequence.
        batches = producer.batches
        batches.append(
            ProducedBatch(
                header.base_sequence,
                header.last_sequence,
                base_offset,
                base_offset + header.last_offset_delta,
                header.latest_timestamp,
            )
        )
        if len(batches) > PRODUCER_BATCH_WINDOW:
            del batches[0]

    def expire(self, now_ms: int, after_ms: int) -> int:
        """Forgets the producers that have been silent for longer; returns how many."""
        silent = [id_ for id_, producer in self._producers.items() if now_ms - producer.last_timestamp_ms > after_ms]
        for producer_id in silent:
            del self._producers[producer_id]
        return len(silent)

    def snapshot(self, offset: int) -> bytes:
        """The payload of a snapshot: the state of the log below `offset`."""
        parts = [_TABLE.pack(offset, len(self._producers))]
        for producer_id, producer in self._producers.items():
            parts.append(_PRODUCER.pack(producer_id, producer.epoch, producer.last_timestamp_ms, len(producer.batches)))
            parts.extend(_BATCH.pack(*batch) for batch in producer.batches)
        return b"".join(parts)

    @classmethod
    def restore(cls, payload: bytes, path: str) -> tuple[ProducerTable, int]:
        """The table in a snapshot, and its offset. Raises CorruptLog, which names `path`."""
        table = cls()
        try:
            offset, count = _TABLE.unpack_from(payload)
            position = _TABLE.size
            for _ in range(count):
                producer_id, epoch, last_timestamp_ms, batch_count = _PRODUCER.unpack_from(payload, position)
                position += _PRODUCER.size
                producer = table._producers[producer_id] = Producer(epoch)
                producer.last_timestamp_ms = last_timestamp_ms
                for _ in range(batch_count):
                    producer.batches.append(ProducedBatch(*_BATCH.unpack_from(payload, position)))
                    position += _BATCH.size
        except error as cause:
            raise CorruptLog(path, len(payload), f"the snapshot ends early: {cause}") from cause
        return table, offset
