"""A shard without a coordinator: decides, replays, and keeps what was written, answered and set."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from cordwood.model.decision import NO_TICKET, Record, Result, Ticket, TimerKey
from cordwood.model.ids import TopicPartition
from cordwood.txns.commands import AddPartitions, Command, EndTransaction, InitProducerId, MarkersWritten
from cordwood.txns.epochs import NO_EPOCH
from cordwood.txns.records import TransactionStored
from cordwood.txns.replies import Producer
from cordwood.txns.settings import TransactionSettings
from cordwood.txns.shard import Shard
from cordwood.txns.transitions import State
from cordwood.txns.turn import Turn

ID = "payments"
P0, P1, P2 = (TopicPartition("orders", number) for number in range(3))
TIMEOUT_MS = 60_000


class Driver:
    """Time stands still until somebody moves it."""

    def __init__(self, records: Iterable[Record] = (), **settings: Any) -> None:
        self.shard = Shard()
        self.settings = TransactionSettings(**settings)
        self.now_ms = 1_000_000
        self.written: list[Record] = []
        self.answers: dict[Ticket, Any] = {}
        self.timers: dict[TimerKey, int] = {}
        self.last = Result()
        self._tickets = 0
        self._producer_ids = 999
        for record in records:
            self.shard.replay(record)
            self.written.append(record)

    def turn(self, ticket: Ticket = NO_TICKET) -> Turn:
        """The surroundings of a decision now."""
        return Turn(self.now_ms, ticket, self.settings)

    def fresh(self) -> int:
        """A producer id that nobody had: 1000, 1001, and so on."""
        self._producer_ids += 1
        return self._producer_ids

    def carry_out(self, result: Result) -> Result:
        """Replays a result."""
        self.last = result
        for record in result.records:
            self.shard.replay(record)
            self.written.append(record)
        self.answers.update(dict(result.answers))
        for key, delay_ms in result.timers:
            self.timers.pop(key, None)
            if delay_ms is not None:
                self.timers[key] = self.now_ms + delay_ms
        return result

    def run(self, command: Command) -> Any:
        """The answer of a command."""
        self._tickets += 1
        ticket = Ticket(self._tickets)
        self.carry_out(self.shard.decide(command, self.turn(ticket)))
        return self.answers.pop(ticket)

    def fire(self, key: TimerKey) -> Result:
        """What comes of a timer, at its time."""
        self.now_ms = max(self.now_ms, self.timers.pop(key))
        return self.carry_out(self.shard.expired(key, self.turn()))

    # What tests do often.

    @property
    def state(self) -> State:
        """Of the id of all tests."""
        return self.transaction.state

    @property
    def transaction(self) -> TransactionStored:
        """Of the id of all tests."""
        return self.shard.transactions[ID]

    def init(self, producer: Producer | None = None, transactional_id: str = ID, **fields: Any) -> Any:
        """InitProducerId, with a fresh id where it is needed."""
        expected = {} if producer is None else producer._asdict()
        command = InitProducerId(transactional_id, fields.pop("timeout_ms", TIMEOUT_MS), **expected, **fields)
        if self.shard.needs_producer_id(command):
            command = InitProducerId(
                transactional_id, command.timeout_ms, **expected, fresh_producer_id=self.fresh(), **fields
            )
        return self.run(command)

    def add(self, producer: Producer, *partitions: TopicPartition, **fields: Any) -> Any:
        """AddPartitionsToTxn."""
        return self.run(AddPartitions(ID, *producer, frozenset(partitions), **fields))

    def end(self, producer: Producer, *, committed: bool, version: int = 0, **fields: Any) -> Any:
        """EndTxn, with a fresh id where it is needed."""
        command = EndTransaction(ID, *producer, committed, version, **fields)
        if self.shard.needs_producer_id(command):
            command = EndTransaction(ID, *producer, committed, version, self.fresh(), **fields)
        return self.run(command)

    def write_markers(self, transactional_id: str = ID) -> None:
        """Says that all markers of the id's transaction are written."""
        markers = self.shard.unfinished(transactional_id)
        assert markers is not None
        assert self.run(MarkersWritten(transactional_id, markers.producer_id, markers.producer_epoch)) is None

    def begun(self, *partitions: TopicPartition, **fields: Any) -> Producer:
        """A producer with a transaction under way."""
        producer = self.init()
        assert isinstance(producer, Producer)
        assert self.add(producer, *(partitions or (P0,)), **fields) is None
        return producer

    def ended(self, *, committed: bool, version: int = 0) -> tuple[Producer, Producer]:
        """A producer whose transaction is over: as it was, and as it goes on."""
        before = self.begun(client_version=version)
        after = self.end(before, committed=committed, version=version)
        self.write_markers()
        return before, after if version else before

    def restarted(self) -> Driver:
        """Another shard with what was written of this one."""
        other = Driver(as_stored(record) for record in self.written)
        other.settings, other.now_ms, other._producer_ids = self.settings, self.now_ms, self._producer_ids
        for result in other.shard.loaded(other.turn()):
            other.carry_out(result)
        return other


def states_of(records: Iterable[Record]) -> list[State]:
    """The states that records lead through."""
    return [record.state for record in records if isinstance(record, TransactionStored)]


def stored(**fields: Any) -> TransactionStored:
    """A record of the id of all tests."""
    known: dict[str, Any] = {"producer_id": 7, "producer_epoch": 0, "timeout_ms": TIMEOUT_MS, "updated_ms": 1_000_000}
    return TransactionStored(ID, **(known | fields))


def as_stored(record: Record) -> Record:
    """A record as it comes back from the log: without what Kafka's format has no place for."""
    if isinstance(record, TransactionStored):
        return msgspec.structs.replace(record, last_producer_epoch=NO_EPOCH)
    return record
