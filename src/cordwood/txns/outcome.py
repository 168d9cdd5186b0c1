"""The end of a transaction: what is stored when it is decided, and when all markers are written.

Lives here: both steps, and the abort that the coordinator decides by itself. Must not live here: whether a producer may
end its transaction (`ending`).

    decided ──> PrepareCommit or PrepareAbort is stored ──> markers ──> CompleteCommit or CompleteAbort is stored

A transaction without partitions needs no markers: both are stored at once.
"""

from __future__ import annotations

from typing import Final

from cordwood.model.decision import Answer, Record, Result, Timer, TimerKey
from cordwood.model.ids import NO_PRODUCER_ID
from cordwood.txns.epochs import HIGHEST
from cordwood.txns.records import TransactionStored
from cordwood.txns.replies import Markers, Producer
from cordwood.txns.transitions import Event, State
from cordwood.txns.turn import Turn

TIMEOUT: Final = "transaction-timeout"
"""The timer of a transaction that is under way: this, then the transactional id."""

EPOCH_BUMP_VERSION: Final = 2
"""From this version of the protocol on, the end of a transaction counts the epoch up (KIP-890)."""


def timeout_key(transactional_id: str) -> TimerKey:
    """Names the timer of the id's transaction."""
    return TIMEOUT, transactional_id


def bumped(transaction: TransactionStored, event: Event, turn: Turn, next_producer_id: int) -> TransactionStored:
    """An end that counts the epoch up; the markers have the new one, so that nothing sent before comes after them."""
    return transaction.after(
        event,
        turn.now_ms,
        producer_epoch=min(transaction.producer_epoch + 1, HIGHEST),
        last_producer_epoch=transaction.producer_epoch,
        next_producer_id=next_producer_id,
        started_ms=turn.now_ms if transaction.state is not State.ONGOING else transaction.started_ms,
        client_version=EPOCH_BUMP_VERSION,
    )


def aborted_by_coordinator(transaction: TransactionStored, turn: Turn, *answers: Answer) -> Result:
    """Aborts a transaction that its producer did not end, and fences it, whatever version it spoke."""
    return decided(bumped(transaction, Event.FENCED, turn, NO_PRODUCER_ID), turn, *answers)


def decided(prepared: TransactionStored, turn: Turn, *answers: Answer) -> Result:
    """Stores the decision, and that nothing is left to do if that is so."""
    records: tuple[Record, ...] = (prepared,)
    if not prepared.partitions:
        records = (prepared, completed(prepared, turn))
    return Result(records, answers, (Timer(timeout_key(prepared.transactional_id), None),))


def completed(prepared: TransactionStored, turn: Turn) -> TransactionStored:
    """The transaction is over: each of its partitions has its marker."""
    producer = successor(prepared)
    return prepared.after(
        Event.MARKERS_WRITTEN,
        turn.now_ms,
        producer_id=producer.producer_id,
        producer_epoch=producer.producer_epoch,
        next_producer_id=NO_PRODUCER_ID,
        partitions=frozenset(),
    )


def successor(prepared: TransactionStored) -> Producer:
    """As whom the producer goes on when the markers are written."""
    if prepared.client_version >= EPOCH_BUMP_VERSION and prepared.next_producer_id != NO_PRODUCER_ID:
        return Producer(prepared.next_producer_id, 0)
    return Producer(prepared.producer_id, prepared.producer_epoch)


def markers_of(transaction: TransactionStored) -> Markers | None:
    """What is to be written to partitions before the transaction is over; None when its end is not decided, or done."""
    if not transaction.is_ending:
        return None
    return Markers(
        transaction.transactional_id,
        transaction.producer_id,
        transaction.producer_epoch,
        transaction.state is State.PREPARE_COMMIT,
        transaction.partitions,
        transaction.client_version,
    )
