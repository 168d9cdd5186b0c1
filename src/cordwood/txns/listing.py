"""Questions about transactions: which there are, and how one is doing.

Lives here: the questions and their answers. Must not live here: anything that changes a transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import msgspec

from cordwood.model.transaction_errors import TransactionalIdNotFound
from cordwood.txns.records import TransactionStored
from cordwood.txns.transitions import State
from cordwood.txns.turn import Turn


class DescribeTransaction(msgspec.Struct, frozen=True):
    """Asks for one transactional id; the answer is its newest record."""

    transactional_id: str


class ListTransactions(msgspec.Struct, frozen=True):
    """Asks for the transactional ids that pass all filters. Empty, negative and None let all pass."""

    states: frozenset[str] = frozenset()
    """Names of states, as they are written in `State`."""
    producer_ids: frozenset[int] = frozenset()
    longer_than_ms: int = -1
    """How long ago the transaction began, or the last one of the id."""
    is_wanted: Callable[[str], bool] | None = None
    """Whether a transactional id is asked for; whoever asks by a pattern brings the engine for it."""


class TransactionListing(NamedTuple):
    """One line of the list."""

    transactional_id: str
    producer_id: int
    state: str


class Listed(NamedTuple):
    """The list, and which of the states asked for do not exist."""

    transactions: tuple[TransactionListing, ...]
    unknown_states: frozenset[str]


def describe(transactions: Mapping[str, TransactionStored], query: DescribeTransaction) -> TransactionStored:
    """How a transactional id is doing. Raises TransactionalIdNotFound."""
    found = transactions.get(query.transactional_id)
    if found is None:
        raise TransactionalIdNotFound(query.transactional_id)
    return found


def list_transactions(transactions: Mapping[str, TransactionStored], query: ListTransactions, turn: Turn) -> Listed:
    """The transactions that are asked for."""
    return Listed(
        tuple(
            TransactionListing(found.transactional_id, found.producer_id, found.state.value)
            for found in transactions.values()
            if _passes(found, query, turn)
        ),
        unknown_states(query),
    )


def unknown_states(query: ListTransactions) -> frozenset[str]:
    """Which of the states asked for do not exist."""
    return query.states - {state.value for state in State}


def _passes(transaction: TransactionStored, query: ListTransactions, turn: Turn) -> bool:
    if query.states and transaction.state.value not in query.states:
        return False
    if query.producer_ids and transaction.producer_id not in query.producer_ids:
        return False
    if query.longer_than_ms >= 0 and not _has_lasted(transaction, query.longer_than_ms, turn):
        return False
    return query.is_wanted is None or query.is_wanted(transaction.transactional_id)


def _has_lasted(transaction: TransactionStored, duration_ms: int, turn: Turn) -> bool:
    return transaction.started_ms >= 0 and turn.now_ms - transaction.started_ms > duration_ms
