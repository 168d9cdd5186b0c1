"""What the log knows of its producers: enough to tell a retry from a gap, and where their open transactions begin.

For each producer id the epoch, the last five batches, where its transaction began, and the epoch of the coordinator that
ended the one before. The rules are those of Kafka's ProducerStateManager and ProducerAppendInfo:

| the batch of a client                                 | outcome                                                   |
|-------------------------------------------------------|-----------------------------------------------------------|
| is one of the last five of this epoch                 | a retry: answered with the offsets of the first time      |
| has an older epoch                                    | InvalidProducerEpoch                                      |
| has a newer epoch                                     | must begin with sequence 0, else OutOfOrderSequence       |
| follows the last one (sequences wrap at 2**31)        | appended                                                  |
| anything else                                         | OutOfOrderSequence                                        |
| is not transactional while a transaction is open      | OutsideOfTransaction                                   |
| is of a producer that the log does not know           | appended, whatever its sequence: the log may have forgotten |

A batch of the broker itself (the offsets that a group commits in a transaction) has no sequence: only its epoch and the
last rule but one count.

| the marker                                            | outcome                                                   |
|-------------------------------------------------------|-----------------------------------------------------------|
| has an older epoch                                    | InvalidProducerEpoch                                      |
| is of version 2 and has the epoch of the open transaction | InvalidProducerEpoch: it is late, and meant the one before (KIP-1228) |
| is of an older coordinator than the last marker       | TransactionCoordinatorFenced                              |
| anything else                                         | ends the open transaction, if there is one; its epoch counts from now on |

DUPLICATE_SEQUENCE_NUMBER and UNKNOWN_PRODUCER_ID are for clients to know: Kafka's brokers answer a retry with its offsets
since 1.1, and take any sequence of a producer they do not know since 2.5 (KIP-360).

Lives here: the table and its rules. Must not live here: files, the bytes of a snapshot (snapshots.py), locks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from cordwood.model.errors import (
    InvalidProducerEpoch,
    OutOfOrderSequence,
    OutsideOfTransaction,
    TransactionCoordinatorFenced,
)
from cordwood.model.limits import PRODUCER_BATCH_WINDOW
from cordwood.records.batch import NO_SEQUENCE, TRANSACTIONAL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cordwood.records.batch import BatchHeader
    from cordwood.records.control import Marker

NO_TRANSACTION: Final = -1
NO_COORDINATOR: Final = -1

_SEQUENCE_LIMIT: Final = 1 << 31


class ProducedBatch(NamedTuple):
    """One batch of a producer, as far as a retry of it needs to be known."""

    base_sequence: int
    last_sequence: int
    base_offset: int
    last_offset: int
    timestamp_ms: int


class Producer:
    """The state of one producer id."""

    __slots__ = ("batches", "coordinator_epoch", "epoch", "last_timestamp_ms", "transaction_start")

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch
        self.batches: list[ProducedBatch] = []
        self.last_timestamp_ms = -1
        """When it last appended, by the clock of the log."""
        self.transaction_start = NO_TRANSACTION
        """The offset of the first batch of its open transaction."""
        self.coordinator_epoch = NO_COORDINATOR
        """That of the last marker."""

    @property
    def newest_timestamp_ms(self) -> int:
        """The timestamp of what came last: of a batch the producer's own, of a marker the log's.

        A transaction that has begun and is not open any more was ended last: nothing follows a marker but the next one.
        """
        is_ended = self.transaction_start == NO_TRANSACTION and self.coordinator_epoch != NO_COORDINATOR
        return self.last_timestamp_ms if is_ended or not self.batches else self.batches[-1].timestamp_ms

    def enter(self, epoch: int) -> None:
        """The epoch is this one from now on; of another one the batches are of no more interest."""
        if epoch != self.epoch:
            self.epoch = epoch
            self.batches = []


class ProducerTable:
    """The producers of one log. The log's writer calls; whoever iterates must hold the writer's lock."""

    __slots__ = ("_open", "_producers", "first_undecided")

    def __init__(self) -> None:
        self._producers: dict[int, Producer] = {}
        self._open: dict[int, int] = {}
        """Where the open transactions begin, by producer id; the oldest one comes first."""
        self.first_undecided: int | None = None
        """The first offset of the oldest open transaction. Any thread may look."""

    def __len__(self) -> int:
        return len(self._producers)

    def __iter__(self) -> Iterator[tuple[int, Producer]]:
        return iter(list(self._producers.items()))

    def find(self, producer_id: int) -> Producer | None:
        """The state of one producer, or None if the log does not know it."""
        return self._producers.get(producer_id)

    def check(self, header: BatchHeader) -> ProducedBatch | None:
        """Decides over a client's batch that has a producer id: None to append it, or the earlier one it repeats.

        Raises InvalidProducerEpoch, OutOfOrderSequence, OutsideOfTransaction.
        """
        producer = self._producers.get(header.producer_id)
        if producer is None:
            return None
        epoch, sequence = header.producer_epoch, header.base_sequence
        if epoch == producer.epoch:
            batches = producer.batches
            last = batches[-1].last_sequence if batches else -1
            if sequence != last + 1 and not (sequence == 0 and last == _SEQUENCE_LIMIT - 1):
                return _earlier(producer, header, (last + 1) % _SEQUENCE_LIMIT)
        elif epoch < producer.epoch:
            raise InvalidProducerEpoch(header.producer_id, producer.epoch, epoch)
        elif sequence != 0:
            raise OutOfOrderSequence(header.producer_id, 0, sequence)
        if producer.transaction_start >= 0 and not header.is_transactional:
            raise OutsideOfTransaction(header.producer_id, producer.transaction_start)
        return None

    def check_own(self, header: BatchHeader) -> None:
        """Decides over a batch of the broker itself that has a producer id: it is appended, or refused.

        Raises InvalidProducerEpoch, OutsideOfTransaction.
        """
        producer = self._producers.get(header.producer_id)
        if producer is None:
            return
        if header.producer_epoch < producer.epoch:
            raise InvalidProducerEpoch(header.producer_id, producer.epoch, header.producer_epoch)
        if producer.transaction_start >= 0 and not header.is_transactional:
            raise OutsideOfTransaction(header.producer_id, producer.transaction_start)

    def check_marker(self, producer_id: int, epoch: int, coordinator_epoch: int, transaction_version: int = 0) -> None:
        """Decides over the end of a transaction. Raises InvalidProducerEpoch, TransactionCoordinatorFenced.

        From `transaction_version` 2 on (KIP-890) the marker's epoch is higher than that of the transaction it ends. The
        same marker may still come twice: then nothing is open.
        """
        producer = self._producers.get(producer_id)
        if producer is None:
            return
        is_late = transaction_version >= 2 and epoch == producer.epoch and producer.transaction_start >= 0
        if epoch < producer.epoch or is_late:
            raise InvalidProducerEpoch(producer_id, producer.epoch, epoch)
        if coordinator_epoch < producer.coordinator_epoch:
            raise TransactionCoordinatorFenced(producer_id, producer.coordinator_epoch, coordinator_epoch)

    def note(self, header: BatchHeader, base_offset: int, now_ms: int) -> None:
        """Remembers a batch of data that was appended at `base_offset`; `header` may have the offset it came with."""
        producer_id, epoch = header.producer_id, header.producer_epoch
        producer = self._producers.get(producer_id)
        if producer is None:
            producer = self._producers[producer_id] = Producer(epoch)
        elif producer.epoch != epoch:
            producer.enter(epoch)
        producer.last_timestamp_ms = now_ms
        sequence, delta = header.base_sequence, header.last_offset_delta
        last_sequence = (sequence + delta) % _SEQUENCE_LIMIT if sequence >= 0 else NO_SEQUENCE
        numbers = sequence, last_sequence, base_offset, base_offset + delta, header.latest_timestamp
        batches = producer.batches
        batches.append(tuple.__new__(ProducedBatch, numbers))  # In half the time: bench/embedded_log.py.
        if len(batches) > PRODUCER_BATCH_WINDOW:
            del batches[0]
        if header.attributes & TRANSACTIONAL and producer.transaction_start < 0:
            producer.transaction_start = self._open[producer_id] = base_offset
            if self.first_undecided is None:
                self.first_undecided = base_offset

    def note_marker(self, header: BatchHeader, marker: Marker | None, now_ms: int) -> int | None:
        """Remembers a control batch; returns where the transaction began that it ends, None if it ends none.

        `marker` is None for what is no end of a transaction, and for a marker that compaction has emptied.
        """
        producer_id = header.producer_id
        producer = self._producers.get(producer_id)
        if producer is None:
            producer = self._producers[producer_id] = Producer(header.producer_epoch)
        producer.enter(header.producer_epoch)
        producer.last_timestamp_ms = now_ms
        if marker is None:
            return None
        producer.coordinator_epoch = marker.coordinator_epoch
        producer.transaction_start = NO_TRANSACTION
        begin = self._open.pop(producer_id, None)
        if begin is not None and begin == self.first_undecided:
            self.first_undecided = next(iter(self._open.values()), None)
        return begin

    @classmethod
    def of(cls, producers: dict[int, Producer]) -> ProducerTable:
        """The table with these producers, by their ids."""
        table = cls()
        table._producers = producers
        begun = [(one.transaction_start, id_) for id_, one in producers.items() if one.transaction_start >= 0]
        table._open = {producer_id: start for start, producer_id in sorted(begun)}
        table.first_undecided = next(iter(table._open.values()), None)
        return table

    def expire(self, now_ms: int, after_ms: int) -> int:
        """Forgets the producers that have been silent for so long and have no open transaction; returns how many."""
        silent = [
            id_
            for id_, producer in self._producers.items()
            if now_ms - producer.last_timestamp_ms >= after_ms and producer.transaction_start < 0
        ]
        for producer_id in silent:
            del self._producers[producer_id]
        return len(silent)


def _earlier(producer: Producer, header: BatchHeader, expected: int) -> ProducedBatch:
    """The batch that this one repeats. Raises OutOfOrderSequence."""
    last_sequence = header.last_sequence
    for batch in producer.batches:
        if batch.base_sequence == header.base_sequence and batch.last_sequence == last_sequence:
            return batch
    raise OutOfOrderSequence(header.producer_id, expected, header.base_sequence)
