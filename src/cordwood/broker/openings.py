"""Batches that open a transaction in their partition: the coordinator is asked before they are appended.

    opening_of(...)  -> None while the producer's transaction is open there: nothing is asked
    asked_for(...)   -> tells for each batch that the coordinator admitted it, or why it is refused

A batch for a transaction that is open asks all the same while an earlier one of its producer waits for an answer: at once it
would overtake that one.

All batches of a request are asked for together, one question for each producer. The view of a batch is good until the
next request is read; if the answer is not there at once, the batch is copied.

Lives here: that, and the words in which Produce tells of the coordinator's errors. Must not live here: the append.

| the coordinator says                       | Produce tells                                                          |
|--------------------------------------------|------------------------------------------------------------------------|
| it is loading, elsewhere or out of reach   | NOT_ENOUGH_REPLICAS: producers of every age try again upon that        |
| markers of the last transaction are owed   | CONCURRENT_TRANSACTIONS since version 12; NOT_ENOUGH_REPLICAS before   |
| anything else                              | just that                                                              |

Source: Kafka's ReplicaManager.handleProduceAppend.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, TypeAlias

from cordwood.broker.admissions import Admissions, Question, Refusals, Terms
from cordwood.model.errors import CordwoodError, InvalidBatch
from cordwood.model.transaction_errors import CannotVerify, ConcurrentTransactions
from cordwood.records.batch import parse_header
from cordwood.replica.partition import Partition
from cordwood.replica.verifications import Admitted, Verification

FIRST_ABORTABLE: Final = 11
"""The first version of Produce whose clients know TRANSACTION_ABORTABLE."""


class Opening:
    """One such batch."""

    __slots__ = ("batch", "is_settled", "partition", "sequence", "verification")

    def __init__(self, partition: Partition, batch: memoryview, verification: Verification, sequence: int) -> None:
        self.partition = partition
        self.batch = batch
        self.verification = verification
        self.sequence = sequence
        self.is_settled = False
        """Whether it was told what becomes of it."""


Tell: TypeAlias = Callable[[Opening, "Admitted | CordwoodError"], None]


def opening_of(admissions: Admissions, partition: Partition, batch: memoryview) -> Opening | None:
    """None if the coordinator need not be asked. Raises InvalidBatch, InvalidProducerEpoch."""
    header = parse_header(batch)
    if header.is_control:
        return None  # The log refuses it.
    if header.producer_id < 0:
        raise InvalidBatch("a batch of a transaction has a producer id")
    producer_id, epoch, sequence = header.producer_id, header.producer_epoch, header.base_sequence
    verification = partition.verifications.begin(producer_id, epoch, sequence)
    if verification is None:
        if not admissions.is_asking(producer_id, epoch):
            return None
        verification = Verification(producer_id, epoch, sequence)
    return Opening(partition, batch, verification, sequence)


def asked_for(
    admissions: Admissions, transactional_id: str, version: int, openings: Iterable[Opening], tell: Tell
) -> None:
    """Asks for the batches of one request; `tell` is called once for each of them, at once or later."""
    terms = Terms.of(version, abortable_from=FIRST_ABORTABLE)
    by_producer: dict[tuple[int, int], list[Opening]] = {}
    for opening in openings:
        by_producer.setdefault((opening.verification.producer_id, opening.verification.epoch), []).append(opening)
    for producer, together in by_producer.items():
        names = frozenset(opening.partition.name for opening in together)
        _ask(admissions, Question(transactional_id, *producer, names, terms), together, tell)


def _ask(admissions: Admissions, question: Question, openings: list[Opening], tell: Tell) -> None:
    def told(refusals: Refusals) -> None:
        for opening in openings:
            opening.is_settled = True
            tell(opening, _outcome(opening, refusals, question.terms))

    admissions.ask(question, told)
    for opening in openings:
        if not opening.is_settled:
            opening.batch = memoryview(bytearray(opening.batch))


def _outcome(opening: Opening, refusals: Refusals, terms: Terms) -> Admitted | CordwoodError:
    partition, verification = opening.partition, opening.verification
    refusal = refusals.get(partition.name)
    if refusal is None:
        return Admitted(verification, opening.sequence, begins_at_zero=terms.adds)
    if not refusal.retriable:
        partition.verifications.refused(verification)
    return _told(refusal, str(partition.name), terms)


def _told(refusal: CordwoodError, name: str, terms: Terms) -> CordwoodError:
    """The error in the words that producers understand."""
    if isinstance(refusal, ConcurrentTransactions) and terms.adds:
        return refusal
    return CannotVerify(name, str(refusal)) if refusal.retriable else refusal
