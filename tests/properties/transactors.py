"""Transactional producers of a modelled log, and what its readers of committed records must see.

Lives here: what such a producer does and knows of itself, and the comparison. Must not live here: logs, chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from cordwood.log.log import Log
from cordwood.log.producers import ProducerTable
from cordwood.records.batch import Codec
from cordwood.records.control import MarkerType
from cordwood.records.record import Record
from tests.properties.committed import committed, first_open, read_committed
from tests.properties.log_model import Batch, LogModel

if TYPE_CHECKING:
    from tests.properties.modelled_log import ModelledLog

TRANSACTORS = (20, 21, 22)


class Transactor(NamedTuple):
    """A transactional producer, as far as the log knows it."""

    epoch: int = 0
    next_sequence: int = 0


class Transactors:
    """All of them."""

    def __init__(self) -> None:
        self._all = {number: Transactor() for number in TRANSACTORS}

    def twin(self) -> Transactors:
        """The same, to go their own way."""
        twin = Transactors()
        twin._all = self._all.copy()
        return twin

    def produce(self, subject: ModelledLog, number: int, records: Sequence[Record], codec: Codec) -> None:
        """The next batch of one of them; the first one begins a transaction."""
        own = self._all[number]
        last_sequence = own.next_sequence + len(records) - 1
        fields = {"producer": (number, own.epoch), "last_sequence": last_sequence, "is_transactional": True}
        asked = subject.ask(records)._replace(**fields)
        appended = subject.log.append_batch(asked.sent(codec), subject.leader_epoch)
        assert appended[:2] == asked[:2]
        self._all[number] = Transactor(own.epoch, last_sequence + 1)
        subject.written(asked)

    def end(self, subject: ModelledLog, number: int, kind: MarkerType, *, fences: bool) -> None:
        """A marker, with a newer epoch if it fences; it ends what is open of the producer, if anything is."""
        own, end = self._all[number], subject.model.end
        epoch = own.epoch + fences
        asked = Batch(end, end + 1, (), (number, epoch), marker=kind, marked_ms=subject.clock.now_ms())
        subject.allowed = subject.allowed._replace(batches=(*subject.model.batches, asked))
        version = 2 if fences else 0
        subject.log.append_marker(number, epoch, kind, 0, subject.leader_epoch, transaction_version=version)
        self._all[number] = Transactor(epoch, 0 if fences else own.next_sequence)
        subject.written(asked)

    def resume(self, table: ProducerTable, model: LogModel) -> None:
        """Each goes on from what the log knows of it, which is no less than what its batches say."""
        for number in TRANSACTORS:
            known, last = table.find(number), model.last_of(number)
            if last is not None and last.producer is not None:
                assert known is not None, f"producer {number} is forgotten"
                assert known.epoch >= last.producer[1], f"producer {number} is known with epoch {known.epoch}"
            if known is None:
                self._all[number] = Transactor()
            else:
                sequence = known.batches[-1].last_sequence + 1 if known.batches else 0
                self._all[number] = Transactor(known.epoch, sequence)


def check_committed(log: Log, model: LogModel) -> None:
    """Readers of committed records get all of them up to the first transaction that is open, and no other.

    Of a transaction whose batches are gone (deleted, or compacted and its marker cut off) the log may know that it is
    open where its batches say nothing of it.
    """
    stable, known = log.first_undecided_offset(), first_open(model.batches)
    known = None if known is None else max(known, model.start)
    if stable != known:
        assert stable is not None, f"the transaction at {known} is open"
        assert stable == model.start or model.is_compacted, f"{stable} is said to be open, not {known}"
        assert known is None or stable <= known
    end = log.end_offset if stable is None else stable
    expected = [record for record in committed(model.batches) if model.start <= record.offset < end]
    assert read_committed(log, end) == expected
