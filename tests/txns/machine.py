"""The coordinator's core between producers, partitions and crashes: everything around it is here, and simple.

Producers lose answers and ask again, several share an id, markers are written one by one and late, requests arrive twice
and late, and the coordinator is rebuilt from its records at any moment. What partitions hold in the end is judged by
which transaction every write was part of, which only this file knows.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from cordwood.model.errors import CordwoodError
from cordwood.model.ids import TopicPartition
from cordwood.model.transaction_errors import ConcurrentTransactions
from cordwood.txns.commands import AddPartitions, EndTransaction, InitProducerId, MarkersWritten, VerifyPartitions
from cordwood.txns.epochs import HIGHEST
from cordwood.txns.records import TransactionStored
from cordwood.txns.replies import UNCHANGED, Markers, Producer, Verified
from cordwood.txns.transitions import State
from tests.txns.driver import TIMEOUT_MS, Driver, as_stored


class Tag(NamedTuple):
    """One transaction of one client, as the client counts."""

    client: int
    number: int


class Write(NamedTuple):
    """What a client sends to a partition."""

    partition: TopicPartition
    transactional_id: str
    producer: Producer
    tag: Tag


class Client:
    """A producer that asks one thing at a time, and the same again when it heard no answer."""

    def __init__(self, number: int, transactional_id: str, version: int) -> None:
        self.number = number
        self.transactional_id = transactional_id
        self.version = version
        self.producer: Producer | None = None
        self.pending: InitProducerId | EndTransaction | None = None
        self.tag = Tag(number, 0)

    def next_tag(self) -> None:
        """Another transaction begins."""
        self.tag = Tag(self.number, self.tag.number + 1)


class Log:
    """A partition: knows the newest epoch of each producer, and what is not decided yet."""

    def __init__(self) -> None:
        self.epochs: dict[int, int] = {}
        self.open: dict[int, set[Tag]] = {}

    def append(self, write: Write) -> bool:
        """Takes a write, unless it is of an epoch that is fenced."""
        producer_id, epoch = write.producer
        if epoch < self.epochs.get(producer_id, 0):
            return False
        self.epochs[producer_id] = epoch
        self.open.setdefault(producer_id, set()).add(write.tag)
        return True

    def mark(self, markers: Markers) -> set[Tag]:
        """Takes a marker; the transactions that it decides here."""
        assert markers.producer_epoch >= self.epochs.get(markers.producer_id, 0), "a marker of an old epoch"
        self.epochs[markers.producer_id] = markers.producer_epoch
        return self.open.pop(markers.producer_id, set())


class World:
    """One coordinator and all that it has to do with."""

    def __init__(self, records: list[TransactionStored]) -> None:
        self.driver = Driver(records)
        self.clients: list[Client] = []
        self.logs: dict[TopicPartition, Log] = {}
        self.marked: dict[tuple[str, int, int], set[TopicPartition]] = {}
        """Which partitions have their marker, as the coordinator's shell remembers until it crashes."""
        self.holders: dict[str, Client] = {}
        """Who was given an id last."""
        self.begun: set[Tag] = set()
        """Transactions that cover a partition."""
        self.decided: dict[Tag, bool] = {}
        """Transactions that their own client ended, and how."""
        self.outcomes: dict[Tag, bool] = {}
        """What markers said."""
        self.delayed: list[EndTransaction] = []
        """Requests of version 2 that ended a transaction, and are still on their way a second time."""
        self.late: list[Write] = []
        """Writes that are on their way to their partition."""
        self.seen: dict[str, list[int]] = {}
        """The producer ids that each transactional id had, in their order."""
        self.newest: dict[int, int] = {record.producer_id: record.producer_epoch for record in records}

    # What clients ask.

    def init(self, client: Client, *, goes_on: bool, lost: bool) -> None:
        """A client takes its id, by the name of the producer that it was or as somebody new."""
        expected = client.producer if goes_on and client.producer is not None else None
        fields = {} if expected is None else expected._asdict()
        self.ask(client, InitProducerId(client.transactional_id, TIMEOUT_MS, **fields), lost=lost)

    def end(self, client: Client, *, committed: bool, lost: bool) -> None:
        """A client ends its transaction."""
        assert client.producer is not None
        command = EndTransaction(client.transactional_id, *client.producer, committed, client.version)
        self.ask(client, command, lost=lost)

    def ask(self, client: Client, command: InitProducerId | EndTransaction, *, lost: bool) -> None:
        """Carries out a request whose answer may be lost."""
        client.pending = command
        answer = self.carry_out(client, command)
        if not lost:
            self._hear(client, command, answer)

    def carry_out(self, client: Client, command: Any) -> Any:
        """The coordinator's answer to a client; whoever lost its id to another one cannot change anything."""
        if isinstance(command, InitProducerId | EndTransaction) and self.driver.shard.needs_producer_id(command):
            command = msgspec.structs.replace(command, fresh_producer_id=self.driver.fresh())
        is_new = isinstance(command, InitProducerId) and command.producer_id < 0
        is_fenced = not is_new and self.holders.get(client.transactional_id) is not client
        answer = self.driver.run(command)
        records = self.driver.last.records
        if is_fenced:
            assert isinstance(answer, CordwoodError), (command, answer)
            assert not records, command
        if isinstance(command, InitProducerId) and isinstance(answer, Producer):
            self.holders[client.transactional_id] = client
        if isinstance(command, EndTransaction) and records:
            self.decided[client.tag] = command.committed
            if command.client_version >= 2:
                self.delayed.append(command)
        self._note()
        return answer

    def _hear(self, client: Client, command: InitProducerId | EndTransaction, answer: Any) -> None:
        if isinstance(answer, ConcurrentTransactions):
            return  # It asks again.
        client.pending = None
        if isinstance(answer, Producer):
            # The classic protocol takes the end of an empty transaction for a retry of the last one's.
            if isinstance(command, EndTransaction) and client.tag in self.begun:
                assert self.decided.get(client.tag, False) == command.committed, "told of what was not decided"
            assert answer.producer_epoch < HIGHEST, "an epoch with none above it"
            client.producer = client.producer if answer == UNCHANGED else answer
        else:
            assert isinstance(answer, CordwoodError)
            client.producer = None
        client.next_tag()

    def write(self, client: Client, partition: TopicPartition, *, is_late: bool) -> None:
        """A client writes to a partition, which is taken into the transaction first."""
        assert client.producer is not None
        command = AddPartitions(
            client.transactional_id, *client.producer, frozenset({partition}), client_version=client.version
        )
        answer = self.carry_out(client, command)
        if isinstance(answer, ConcurrentTransactions):
            return
        if isinstance(answer, CordwoodError):
            if client.version < 2:
                client.producer = None
                client.next_tag()
            return
        self.begun.add(client.tag)
        write = Write(partition, client.transactional_id, client.producer, client.tag)
        if is_late and client.version >= 2:
            self.late.append(write)
        else:
            assert self.log(partition).append(write), "a holder's write was refused"

    def arrive(self, write: Write) -> None:
        """A late write comes to its partition, which asks whether the transaction is still under way (KIP-890)."""
        command = VerifyPartitions(write.transactional_id, *write.producer, frozenset({write.partition}))
        if self.driver.run(command) == Verified(frozenset()):
            assert self.log(write.partition).append(write)

    def repeat(self, command: EndTransaction) -> None:
        """An EndTxn of version 2 that was carried out arrives once more: it may be answered, and changes nothing."""
        if self.driver.shard.needs_producer_id(command):
            command = msgspec.structs.replace(command, fresh_producer_id=self.driver.fresh())
        self.driver.run(command)
        assert not self.driver.last.records, "a delayed EndTxn ended a transaction"

    # What the coordinator does by itself.

    def mark(self, markers: Markers, partition: TopicPartition) -> None:
        """One marker is written; the last one completes the transaction."""
        key = markers[:3]
        written = self.marked.setdefault(key, set())
        for tag in self.log(partition).mark(markers):
            assert self.outcomes.setdefault(tag, markers.committed) == markers.committed, f"{tag} is torn"
        written.add(partition)
        self.complete(markers)

    def complete(self, markers: Markers) -> None:
        """Says that all markers are written, if they are."""
        key = markers[:3]
        if self.marked.get(key, set()) >= markers.partitions:
            self.marked.pop(key, None)
            self.driver.run(MarkersWritten(*key))
            assert self.driver.shard.unfinished(markers.transactional_id) is None
            self._note()

    def pass_time(self, delay_ms: int) -> None:
        """Time goes by, and timers fire that are due."""
        until_ms = self.driver.now_ms + delay_ms
        while due := [key for key, at_ms in self.driver.timers.items() if at_ms <= until_ms]:
            self.driver.fire(min(due, key=lambda key: self.driver.timers[key]))
            self._note()
        self.driver.now_ms = until_ms

    def crash(self) -> None:
        """The coordinator begins anew with what it has written."""
        self.driver = self.driver.restarted()
        self.marked.clear()

    def settle(self) -> None:
        """Faults stop: all markers are written, and what nobody ends runs out of time."""
        self.late.clear()
        for _ in range(2):
            for markers in list(self.driver.shard.all_unfinished()):
                self.complete(markers)
                for partition in sorted(markers.partitions - self.marked.get(markers[:3], set())):
                    self.mark(markers, partition)
            self.pass_time(TIMEOUT_MS)

    # What has to be so.

    def log(self, partition: TopicPartition) -> Log:
        """A partition's log."""
        return self.logs.setdefault(partition, Log())

    def _note(self) -> None:
        """Producer ids come once, and their epochs only grow."""
        for record in self.driver.last.records:
            if not isinstance(record, TransactionStored):
                continue
            ids = self.seen.setdefault(record.transactional_id, [])
            if not ids or ids[-1] != record.producer_id:
                assert record.producer_id not in ids, "a producer id came back"
                ids.append(record.producer_id)
            assert record.producer_epoch >= self.newest.get(record.producer_id, 0), "an epoch went back"
            self.newest[record.producer_id] = record.producer_epoch

    def check_recovery(self) -> None:
        """A coordinator that begins anew now is what this one is."""
        other = self.driver.restarted()
        assert other.shard.transactions == {
            name: as_stored(one) for name, one in self.driver.shard.transactions.items()
        }
        assert list(other.shard.all_unfinished()) == list(self.driver.shard.all_unfinished())
        assert other.timers.keys() == self.driver.timers.keys() | {("clearing",)}
        for key, at_ms in self.driver.timers.items():
            assert key == ("clearing",) or other.timers[key] == max(at_ms, self.driver.now_ms)

    def check_outcomes(self) -> None:
        """Every transaction ended as its client was told, and was aborted if the client did not end it."""
        for tag, committed in self.outcomes.items():
            assert committed == self.decided.get(tag, False), tag

    def check_settled(self) -> None:
        """Nothing is under way, nothing undecided."""
        for transaction in self.driver.shard.transactions.values():
            assert transaction.state not in (State.ONGOING, State.PREPARE_COMMIT, State.PREPARE_ABORT), transaction
        assert not any(log.open for log in self.logs.values())
