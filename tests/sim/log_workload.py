"""A seeded life of one log: appends of every kind, retries, rotations, truncations, restarts, noted in a history."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from cordwood.env.dice import SeededDice
from cordwood.log.config import LogConfig
from cordwood.log.log import Appended, Log
from cordwood.model.errors import CordwoodError, StorageFailed
from cordwood.records.batch import Codec
from cordwood.records.builder import build_batch
from cordwood.records.record import Record
from cordwood.sim.clock import SimClock
from cordwood.sim.disk import SimDisk
from cordwood.sim.flusher import SimFlusher
from cordwood.sim.history import Append, History, Outcome

PATH: Final = "/sim/orders"
SEGMENT_SIZES: Final = (600, 2500, 12_000)


def open_log(disk: SimDisk, config: LogConfig, clock: SimClock | None = None) -> tuple[Log, SimFlusher]:
    """Opens the log; what it does in the background waits for the flusher's turn."""
    flusher = SimFlusher(clock)
    return Log.open(PATH, config, disk=disk, clock=flusher.clock, flusher=flusher), flusher


def config_of(seed: int, policy: str) -> LogConfig:
    """Small segments, so that much happens in few operations."""
    dice = SeededDice(seed)
    return LogConfig(
        segment_bytes=SEGMENT_SIZES[dice.below(len(SEGMENT_SIZES))],
        index_interval_bytes=(0, 150, 4096)[dice.below(3)],
        flush_policy=policy,
        flush_ms=100,
        retention_ms=(-1, 200)[dice.below(2)],
        retention_bytes=(-1, 3000)[dice.below(2)],
        delete_delay_ms=(0, 50)[dice.below(2)],
    )


@dataclass
class Producer:
    """An idempotent producer that sends its batches in order."""

    id: int
    epoch: int = 0
    next_sequence: int = 0
    last_sequence: int = 0
    last_records: tuple[Record, ...] = ()
    """The last batch that it tried to send."""
    asked: list[Append] = field(default_factory=list)
    """What it tried to send in this epoch."""

    def begin_epoch(self) -> None:
        """Sequences start again."""
        self.epoch += 1
        self.next_sequence = 0
        self.last_records = ()
        self.asked = []

    def batch(self) -> memoryview:
        """That batch as it comes from the network."""
        records, sequence = self.last_records, self.last_sequence
        data = build_batch(records, producer_id=self.id, producer_epoch=self.epoch, base_sequence=sequence)
        return memoryview(bytearray(data))


class Workload:
    """One log, and one caller who does as the dice say."""

    def __init__(self, disk: SimDisk, config: LogConfig, seed: int) -> None:
        self.disk = disk
        self.config = config
        self.dice = SeededDice(seed)
        self.clock = SimClock()
        self.history = History()
        self.producers = [Producer(7), Producer(8)]
        self.leader_epoch = 0
        self.log: Log | None = None
        self._count = 0

    def run(self, steps: int) -> None:
        """A life of so many actions, from the first opening to the last closing."""
        self.open()
        for action in self.actions(steps):
            action()
        self.close()

    def run_as_it_goes(self, steps: int) -> None:
        """The same on a disk that fails now and then, until the end or until the log takes no more writes."""
        for action in (self.open, *self.actions(steps), self.close):
            try:
                if self.log is None and action != self.open:
                    self.open()
                action()
            except StorageFailed:
                self.forget_failed()
            if self.log is not None and self.log.failure is not None:
                return

    def forget_failed(self) -> None:
        """What was refused is not sent again as it was."""
        for producer in self.producers:
            if producer.asked and producer.asked[-1].outcome is Outcome.ASKED:
                producer.asked.pop()
                producer.last_records = ()

    def actions(self, steps: int) -> Iterator[Callable[[], None]]:
        """What it does in a life, as the dice say."""
        actions: list[Callable[[], None]] = [
            self.append,
            self.append_many,
            self.append_records,
            self.append_batch,
            self.append_batch,
            self.append_group,
            self.retry,
            self.sync,
            self.in_background,
            self.checkpoint,
            self.rest,
            self.truncate,
            self.truncate_before,
            self.retain,
            self.reopen,
        ]
        for _ in range(steps):
            self.clock.advance(self.dice.below(50))
            yield actions[self.dice.below(len(actions))]

    # What it does.

    def open(self) -> None:
        """Opens it."""
        self.log, self.flusher = open_log(self.disk, self.config, self.clock)
        # Retention moves the start by itself.
        self.move_start = self.log.truncate_before
        self.log.truncate_before = self.noted_truncate_before  # type: ignore[method-assign]

    def close(self) -> None:
        """Closes it, after which everything is durable."""
        log, self.log = self.log, None
        log.close()
        self.history.synced_below(log.end_offset)

    def reopen(self) -> None:
        """Closes and opens it."""
        self.close()
        self.open()

    def append(self) -> None:
        """One record."""
        record = self.record()
        asked = self.ask([record])
        offset = self.log.append(record.value, key=record.key, headers=record.headers, timestamp_ms=record.timestamp_ms)
        self.returned(asked, offset)

    def append_many(self) -> None:
        """Values that share a timestamp."""
        now = self.clock.now_ms()
        values = [self.value() for _ in range(1 + self.dice.below(4))]
        asked = self.ask([Record(0, now, None, value) for value in values])
        self.returned(asked, self.log.append_many(values))

    def append_records(self) -> None:
        """Records in a compressed batch."""
        records = self.records()
        asked = self.ask(records)
        self.returned(asked, self.log.append_records(records, codec=Codec(self.dice.below(5))))

    def append_batch(self) -> None:
        """A producer's batch, as a broker appends and acknowledges it."""
        asked, appended = self.produce()
        if self.config.flush_policy == "commit":
            self.log.sync(appended.next_offset)
            asked.outcome = Outcome.SYNCED

    def append_group(self) -> None:
        """Batches that are acknowledged by one sync."""
        for _ in range(1 + self.dice.below(4)):
            asked, appended = self.produce()
            if self.config.flush_policy == "commit":
                self.flusher.notify(self.log, appended.next_offset, partial(self.acknowledge, asked))
        self.flusher.turn()

    def acknowledge(self, asked: Append, error: CordwoodError | None) -> None:
        """The flusher tells that an append is durable, or that it never will be."""
        if error is None:
            asked.outcome = Outcome.SYNCED

    def produce(self) -> tuple[Append, Appended]:
        """The next batch of a producer; returns before it is durable."""
        if self.dice.below(5) == 0:
            self.leader_epoch += 1
        producer = self.producers[self.dice.below(len(self.producers))]
        records = tuple(self.records())
        producer.last_sequence, producer.last_records = producer.next_sequence, records
        asked = self.ask(records)
        producer.asked.append(asked)
        appended = self.log.append_batch(producer.batch(), self.leader_epoch)
        assert not appended.duplicate
        self.returned(asked, appended.base_offset, Outcome.WRITTEN)
        producer.next_sequence += len(records)
        return asked, appended

    def retry(self) -> None:
        """A producer sends its last batch again."""
        producer = self.producers[self.dice.below(len(self.producers))]
        if producer.last_records:
            appended = self.log.append_batch(producer.batch(), self.leader_epoch)
            assert appended.duplicate, f"{producer} was not recognised: {appended}"

    def sync(self) -> None:
        """All of it."""
        end = self.log.end_offset
        self.log.sync()
        self.history.synced_below(end)

    def checkpoint(self) -> None:
        """As a broker does now and then."""
        end = self.log.end_offset
        self.log.checkpoint()
        self.history.synced_below(end)

    def in_background(self) -> None:
        """What rotations, deletions and the clock left to do."""
        self.flusher.turn()
        self.flusher.pending.run()
        self.log.clean()

    def retain(self) -> None:
        """Removes what has outlived its retention."""
        self.log.retain(self.log.end_offset)

    def rest(self) -> None:
        """Closes the files until the next action, if nothing is to be done first."""
        self.checkpoint()
        self.log.rest()

    def truncate(self) -> None:
        """Cuts the end off. A producer that follows begins a new epoch, as its numbers went, too."""
        offset = self.an_offset()
        end = self.history.begin_truncate(offset)
        assert self.log.truncate(offset) == end
        self.history.end_truncate()
        for producer in self.producers:
            producer.begin_epoch()

    def truncate_before(self) -> None:
        """Cuts the beginning off."""
        self.log.truncate_before(self.an_offset())

    def noted_truncate_before(self, offset: int) -> None:
        """The log's own, with notes of when it was asked for and done."""
        self.history.begin_truncate_before(offset)
        self.move_start(offset)
        self.history.end_truncate_before()

    # What it takes for that.

    def ask(self, records: list[Record] | tuple[Record, ...]) -> Append:
        """Notes an append before it is carried out."""
        return self.history.append(self.log.end_offset, records)

    def returned(self, asked: Append, offset: int, outcome: Outcome | None = None) -> None:
        """Notes how it came out."""
        assert offset == asked.base_offset
        if outcome is None:
            outcome = Outcome.SYNCED if self.config.flush_policy == "commit" else Outcome.WRITTEN
        asked.outcome = outcome

    def an_offset(self) -> int:
        """Somewhere in the log, its ends included."""
        return self.log.start_offset + self.dice.below(self.log.end_offset - self.log.start_offset + 1)

    def value(self) -> bytes:
        """Small, mostly; sometimes of some pages; sometimes full of zeros."""
        self._count += 1
        size = self.dice.below(60) if self.dice.below(8) else self.dice.below(9000)
        filling = bytes(size) if self.dice.below(4) == 0 else self.dice.token(size)
        return b"%d:%b" % (self._count, filling)

    def record(self) -> Record:
        """A record whose timestamp may lie before the one before it."""
        timestamp = self.clock.now_ms() - self.dice.below(100)
        key = b"k%d" % self.dice.below(5) if self.dice.below(2) else None
        headers = (("h", b"1"), ("n", None)) if self.dice.below(4) == 0 else ()
        return Record(0, timestamp, key, self.value() if self.dice.below(10) else None, headers)

    def records(self) -> list[Record]:
        """A batch of them."""
        return [self.record() for _ in range(1 + self.dice.below(3))]
