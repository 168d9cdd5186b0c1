"""InitProducerId: a producer takes a transactional id, from whoever had it before.

Lives here: that decision. Must not live here: how a transaction under way is aborted (`outcome`).

| the id                          | the asker names nobody     | names who holds it           | names who held it before |
|---------------------------------|----------------------------|------------------------------|--------------------------|
| is not known                    | fresh id, epoch 0          | fresh id, epoch 0            | fresh id, epoch 0        |
| has no transaction              | epoch + 1                  | epoch + 1                    | as it is: a retry        |
| the same, epochs used up        | fresh id, epoch 0          | fresh id, epoch 0            | as it is, or fresh       |
| has a transaction under way     | abort and fence, try again | abort and fence, try again   | fenced                   |
| has one whose markers are owed  | try again                  | try again                    | try again                |

Anybody else is fenced. "Before" is the last epoch, or the producer id whose epochs were used up, if it was this
producer itself that asked for the next one.
"""

from __future__ import annotations

from collections.abc import Mapping

from cordwood.model.decision import Answer, Result, answered
from cordwood.model.errors import InvalidRequest
from cordwood.model.ids import NO_PRODUCER_ID
from cordwood.model.transaction_errors import ConcurrentTransactions, InvalidTransactionTimeout
from cordwood.txns.checks import check_over, fenced, fresh_producer_id
from cordwood.txns.commands import InitProducerId
from cordwood.txns.epochs import HIGHEST, NO_EPOCH
from cordwood.txns.outcome import aborted_by_coordinator
from cordwood.txns.records import TransactionStored
from cordwood.txns.replies import Producer
from cordwood.txns.transitions import Event, State
from cordwood.txns.turn import Turn


def decide_init(transactions: Mapping[str, TransactionStored], command: InitProducerId, turn: Turn) -> Result:
    """Raises InvalidRequest, InvalidTransactionTimeout, ConcurrentTransactions, ProducerFenced."""
    if (command.producer_id == NO_PRODUCER_ID) != (command.producer_epoch == NO_EPOCH):
        raise InvalidRequest("a producer id and its epoch are named together, or not at all")
    limit_ms = turn.settings.max_timeout_ms
    if not 0 < command.timeout_ms <= limit_ms:
        raise InvalidTransactionTimeout(command.timeout_ms, limit_ms)
    current = transactions.get(command.transactional_id)
    if current is None:
        return _given(_created(command, turn), turn)
    check_over(current)
    _check_expected(current, command)
    if current.state is State.ONGOING:
        # The asker is told to come again, when the markers are written, and is given one epoch more.
        retry = Answer(turn.ticket, ConcurrentTransactions(command.transactional_id))
        return aborted_by_coordinator(current, turn, retry)
    return _given(_taken(current, command, turn), turn)


def _created(command: InitProducerId, turn: Turn) -> TransactionStored:
    producer_id = fresh_producer_id(command)
    return TransactionStored(command.transactional_id, producer_id, 0, command.timeout_ms, turn.now_ms)


def _check_expected(current: TransactionStored, command: InitProducerId) -> None:
    """Whether whoever the asker says it is may still go on. Raises ProducerFenced."""
    if command.producer_id == NO_PRODUCER_ID or _is_holder(current, command) or _is_retry(current, command):
        return
    raise fenced(current, command.producer_id, command.producer_epoch)


def _is_holder(current: TransactionStored, command: InitProducerId) -> bool:
    """Whether the asker names the id and epoch of today."""
    return (command.producer_id, command.producer_epoch) == (current.producer_id, current.producer_epoch)


def _is_retry(current: TransactionStored, command: InitProducerId) -> bool:
    """Whether the asker was given the id and epoch of today and was not told. Nobody else can have had them."""
    if current.state is State.ONGOING or command.producer_epoch != current.last_producer_epoch:
        return False
    return command.producer_id in (current.producer_id, current.previous_producer_id)


def _taken(current: TransactionStored, command: InitProducerId, turn: Turn) -> TransactionStored:
    expected = command.producer_id != NO_PRODUCER_ID
    last_epoch = command.producer_epoch if expected else NO_EPOCH
    if expected and _is_retry(current, command) and current.producer_epoch < HIGHEST:
        changes = {"previous_producer_id": current.previous_producer_id}  # It may have to be known once more.
    elif current.is_exhausted:
        producer_id = fresh_producer_id(command)
        changes = {"producer_id": producer_id, "producer_epoch": 0, "last_producer_epoch": last_epoch}
    else:
        changes = {"producer_epoch": current.producer_epoch + 1, "last_producer_epoch": last_epoch}
    return current.after(
        Event.INITIALIZED,
        turn.now_ms,
        timeout_ms=command.timeout_ms,
        started_ms=-1,
        partitions=frozenset(),
        **changes,
    )


def _given(record: TransactionStored, turn: Turn) -> Result:
    return answered(turn.ticket, Producer(record.producer_id, record.producer_epoch), record)
