"""AddPartitionsToTxn and AddOffsetsToTxn: which partitions a transaction covers, before anything is written to them.

Lives here: adding, and asking whether a partition is in. Must not live here: the requests' batches (handlers).
"""

from __future__ import annotations

from collections.abc import Mapping

from cordwood.model.decision import Result, Timer, answered
from cordwood.txns.checks import check_over, check_producer, find
from cordwood.txns.commands import AddPartitions, VerifyPartitions
from cordwood.txns.outcome import timeout_key
from cordwood.txns.records import TransactionStored
from cordwood.txns.replies import Verified
from cordwood.txns.transitions import Event, State
from cordwood.txns.turn import Turn


def decide_add(transactions: Mapping[str, TransactionStored], command: AddPartitions, turn: Turn) -> Result:
    """Raises InvalidProducerIdMapping, ProducerFenced, ConcurrentTransactions."""
    current = find(transactions, command)
    check_over(current)
    check_producer(current, command)
    begins = current.state is not State.ONGOING
    if not begins and command.partitions <= current.partitions:
        return answered(turn.ticket, None)
    record = current.after(
        Event.PARTITIONS_ADDED,
        turn.now_ms,
        partitions=current.partitions | command.partitions,
        started_ms=turn.now_ms if begins else current.started_ms,
        client_version=command.client_version,
    )
    result = answered(turn.ticket, None, record)
    if not begins:
        return result
    return result._replace(timers=(Timer(timeout_key(command.transactional_id), current.timeout_ms),))


def decide_verify(transactions: Mapping[str, TransactionStored], command: VerifyPartitions, turn: Turn) -> Result:
    """Raises InvalidProducerIdMapping, ProducerFenced, ConcurrentTransactions."""
    current = find(transactions, command)
    check_producer(current, command)
    check_over(current)
    return answered(turn.ticket, Verified(command.partitions - current.partitions))
