"""What comes of time: transactions that take too long are aborted, ids that nobody uses are forgotten.

Lives here: both, and the timers after loading. Must not live here: what an abort stores (`outcome`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cordwood.model.decision import NOTHING, Result, Timer, TimerKey
from cordwood.txns.outcome import aborted_by_coordinator, timeout_key
from cordwood.txns.records import TransactionRemoved, TransactionStored
from cordwood.txns.transitions import TRANSITIONS, Event, State
from cordwood.txns.turn import Turn

CLEARING: Final[TimerKey] = ("clearing",)
"""The timer that looks for ids that have expired."""


def expire_transaction(transactions: Mapping[str, TransactionStored], key: TimerKey, turn: Turn) -> Result:
    """Aborts a transaction that has lasted for longer than its producer asked for, and fences the producer."""
    current = transactions.get(key[1])
    if current is None or current.state is not State.ONGOING:
        return NOTHING
    if _remaining_ms(current, turn) > 0:  # The clock was set back, or the timer is one of a transaction before.
        return timer_of(current, turn)
    return aborted_by_coordinator(current, turn)


def timer_of(transaction: TransactionStored, turn: Turn) -> Result:
    """Sets the timer that a transaction under way has; the others have none."""
    if transaction.state is not State.ONGOING:
        return NOTHING
    delay_ms = max(0, _remaining_ms(transaction, turn))
    return Result(timers=(Timer(timeout_key(transaction.transactional_id), delay_ms),))


def _remaining_ms(transaction: TransactionStored, turn: Turn) -> int:
    return transaction.started_ms + transaction.timeout_ms - turn.now_ms


def removal(transaction: TransactionStored, turn: Turn) -> Result:
    """Forgets an id that has no transaction and was not used for as long as the settings say."""
    if Event.EXPIRED not in TRANSITIONS[transaction.state]:
        return NOTHING
    if transaction.updated_ms + turn.settings.id_expiration_ms > turn.now_ms:
        return NOTHING
    return Result((TransactionRemoved(transaction.transactional_id),))
