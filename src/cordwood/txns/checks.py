"""What has to be so before a producer may do anything under a transactional id.

Lives here: finding the transaction, and the checks that several commands share. Must not live here: decisions.
"""

from __future__ import annotations

from collections.abc import Mapping

from cordwood.model.ids import NO_PRODUCER_ID
from cordwood.model.transaction_errors import ConcurrentTransactions, InvalidProducerIdMapping, ProducerFenced
from cordwood.txns.commands import EndTransaction, InitProducerId, ProducerCommand
from cordwood.txns.records import TransactionStored


def find(transactions: Mapping[str, TransactionStored], command: ProducerCommand) -> TransactionStored:
    """The transaction of the id. Raises InvalidProducerIdMapping: nobody was given the id."""
    found = transactions.get(command.transactional_id)
    if found is None:
        raise InvalidProducerIdMapping(command.transactional_id, command.producer_id)
    return found


def check_over(transaction: TransactionStored) -> None:
    """Raises ConcurrentTransactions while markers are being written.

    Comes before any look at id and epoch, which the end of the markers may change: a producer may already have been
    told of those to come (KAFKA-18660).
    """
    if transaction.is_ending:
        raise ConcurrentTransactions(transaction.transactional_id)


def check_producer(transaction: TransactionStored, command: ProducerCommand) -> None:
    """Whether the asker is who holds the id. Raises InvalidProducerIdMapping, ProducerFenced."""
    if command.producer_id != transaction.producer_id:
        raise InvalidProducerIdMapping(command.transactional_id, command.producer_id)
    if command.producer_epoch != transaction.producer_epoch:
        raise fenced(transaction, command.producer_id, command.producer_epoch)


def fenced(transaction: TransactionStored, producer_id: int, attempted: int) -> ProducerFenced:
    """The error for an id and epoch that are not those of today."""
    return ProducerFenced(transaction.transactional_id, producer_id, transaction.producer_epoch, attempted)


def fresh_producer_id(command: InitProducerId | EndTransaction) -> int:
    """The fresh id that the command brings. Raises ConcurrentTransactions.

    What `Shard.needs_producer_id` said may not be so any more: the asker comes again, and then with one.
    """
    if command.fresh_producer_id == NO_PRODUCER_ID:
        raise ConcurrentTransactions(command.transactional_id)
    return command.fresh_producer_id
