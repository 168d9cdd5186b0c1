"""EndTxn: a producer commits or aborts, in the classic protocol or that of KIP-890; and the news that markers are written.

Lives here: who may end which transaction, and what is a retry. Must not live here: what is stored then (`outcome`).

The classic protocol, for the epoch of today (any other is fenced):

|        | Empty   | Ongoing | PrepareCommit | PrepareAbort | CompleteCommit | CompleteAbort |
|--------|---------|---------|---------------|--------------|----------------|---------------|
| commit | invalid | decided | try again     | invalid      | done           | invalid       |
| abort  | invalid | decided | invalid       | try again    | invalid        | done          |

A request that was sent again and comes late may so end the next transaction (KAFKA-17754). In version 2 every end counts
the epoch up, and a retry is known by the epoch before:

|                        | Empty   | Ongoing | Prepare*  | CompleteCommit | CompleteAbort |
|------------------------|---------|---------|-----------|----------------|---------------|
| commit                 | invalid | decided | try again | invalid        | invalid       |
| abort                  | decided | decided | try again | decided        | decided       |
| commit, one epoch back | fenced  | fenced  | try again | done           | fenced        |
| abort, one epoch back  | fenced  | fenced  | try again | invalid        | done          |

(One epoch back is fenced everywhere if the last end was a classic one, which left the epoch as it was. "Decided" needs
no partitions.) The epoch of a transaction that the coordinator aborted is counted up in the same way: its producer may abort it, is told
the new epoch and goes on; a commit is fenced (KAFKA-20785).
"""

from __future__ import annotations

from collections.abc import Mapping

from cordwood.model.decision import Answer, Result, answered
from cordwood.model.ids import NO_PRODUCER_ID
from cordwood.model.transaction_errors import ConcurrentTransactions, InvalidTransactionEnd
from cordwood.txns.checks import check_over, check_producer, fenced, find, fresh_producer_id
from cordwood.txns.commands import EndTransaction, MarkersWritten
from cordwood.txns.epochs import HIGHEST, HIGHEST_OF_CLIENTS
from cordwood.txns.outcome import EPOCH_BUMP_VERSION, bumped, completed, decided, successor
from cordwood.txns.records import TransactionStored
from cordwood.txns.replies import UNCHANGED, Producer
from cordwood.txns.transitions import Event, State
from cordwood.txns.turn import Turn


def decide_end(transactions: Mapping[str, TransactionStored], command: EndTransaction, turn: Turn) -> Result:
    """Raises InvalidProducerIdMapping, ProducerFenced, ConcurrentTransactions, InvalidTransactionEnd."""
    current = find(transactions, command)
    if command.client_version >= EPOCH_BUMP_VERSION:
        return _end_with_bump(current, command, turn)
    return _end_classic(current, command, turn)


def _end_classic(current: TransactionStored, command: EndTransaction, turn: Turn) -> Result:
    check_producer(current, command)
    if current.state is State.ONGOING:
        prepared = current.after(_event(command), turn.now_ms, client_version=command.client_version)
        return decided(prepared, turn, Answer(turn.ticket, UNCHANGED))
    prepare, complete = _states(command)
    if current.state is prepare:
        raise ConcurrentTransactions(command.transactional_id)
    if current.state is complete:
        return answered(turn.ticket, UNCHANGED)
    raise _invalid(current, command)


def _end_with_bump(current: TransactionStored, command: EndTransaction, turn: Turn) -> Result:
    check_over(current)
    if _is_retry(current, command):
        return _end_again(current, command, turn)
    check_producer(current, command)
    if current.state is not State.ONGOING and command.committed:
        raise _invalid(current, command)
    next_producer_id = fresh_producer_id(command) if current.is_exhausted else NO_PRODUCER_ID
    prepared = bumped(current, _event(command), turn, next_producer_id)
    return decided(prepared, turn, Answer(turn.ticket, successor(prepared)))


def _is_retry(current: TransactionStored, command: EndTransaction) -> bool:
    """Whether the request may have been carried out before: it names the epoch before the one of today."""
    if current.state not in (State.COMPLETE_COMMIT, State.COMPLETE_ABORT):
        return False
    if current.client_version < EPOCH_BUMP_VERSION:
        return False  # Its end did not count the epoch up: the epoch before was somebody else's.
    if command.producer_id == current.producer_id:
        return command.producer_epoch + 1 == current.producer_epoch
    was_last = command.producer_epoch == HIGHEST_OF_CLIENTS and current.producer_epoch == 0
    return was_last and command.producer_id == current.previous_producer_id


def _end_again(current: TransactionStored, command: EndTransaction, turn: Turn) -> Result:
    _, complete = _states(command)
    if current.state is complete and current.producer_epoch < HIGHEST:
        return answered(turn.ticket, Producer(current.producer_id, current.producer_epoch))
    if current.state is State.COMPLETE_ABORT:
        # The coordinator aborted it. No client is given the highest epoch, so that it can still be fenced (KAFKA-20090).
        raise fenced(current, command.producer_id, command.producer_epoch)
    raise _invalid(current, command)


def _event(command: EndTransaction) -> Event:
    return Event.COMMITTED if command.committed else Event.ABORTED


def _states(command: EndTransaction) -> tuple[State, State]:
    """Where the command leads: while markers are written, and after."""
    if command.committed:
        return State.PREPARE_COMMIT, State.COMPLETE_COMMIT
    return State.PREPARE_ABORT, State.COMPLETE_ABORT


def _invalid(current: TransactionStored, command: EndTransaction) -> InvalidTransactionEnd:
    attempted = "commit" if command.committed else "abort"
    return InvalidTransactionEnd(command.transactional_id, current.state.value, attempted)


def decide_markers_written(
    transactions: Mapping[str, TransactionStored], command: MarkersWritten, turn: Turn
) -> Result:
    """Completes the transaction; late news of one that is over changes nothing."""
    current = transactions.get(command.transactional_id)
    if current is None or not current.is_ending or _names_another(current, command):
        return answered(turn.ticket, None)
    return answered(turn.ticket, None, completed(current, turn))


def _names_another(current: TransactionStored, command: MarkersWritten) -> bool:
    return (command.producer_id, command.producer_epoch) != (current.producer_id, current.producer_epoch)
