"""All transactional ids of one partition of `__transaction_state`: the state machine that the coordinator runs.

    decide(command, turn) -> Result      changes nothing
    expired(key, turn)    -> Result      a timer's turn has come
    loaded(turn)          -> Results     the log was replayed: timers
    replay(record)                       the only way that state changes
    ask(query, turn)                     what is so now
    unfinished(id)        -> Markers     what is to be written to partitions, once the decision to end is durable;
                                         the command MarkersWritten says that it was done

Lives here: who decides what, by the type of the command. Must not live here: a decision.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from cordwood.model.decision import Record, Result, Timer, TimerKey, answered, merged
from cordwood.model.errors import CordwoodError, InvalidProducerEpoch, InvalidRequest
from cordwood.model.transaction_errors import ProducerFenced
from cordwood.txns import ending, expiry, initialization, listing, outcome, partitions
from cordwood.txns.commands import (
    AddPartitions,
    Command,
    EndTransaction,
    InitProducerId,
    MarkersWritten,
    VerifyPartitions,
)
from cordwood.txns.expiry import CLEARING
from cordwood.txns.listing import ListTransactions
from cordwood.txns.records import TransactionRemoved, TransactionStored
from cordwood.txns.replies import Markers
from cordwood.txns.transitions import TRANSITIONS, Event
from cordwood.txns.turn import Turn

Decide: TypeAlias = Callable[[Mapping[str, TransactionStored], Any, Turn], Result]

CLEARED_AT_ONCE: Final = 200
"""So many ids are looked at in one turn, so that others have theirs between."""

_DECISIONS: Final[Mapping[type[Command], Decide]] = MappingProxyType(
    {
        InitProducerId: initialization.decide_init,
        AddPartitions: partitions.decide_add,
        VerifyPartitions: partitions.decide_verify,
        EndTransaction: ending.decide_end,
        MarkersWritten: ending.decide_markers_written,
    }
)


class Shard:
    """State of one shard."""

    def __init__(self) -> None:
        self.transactions: dict[str, TransactionStored] = {}
        """The newest record of each transactional id, which is all that is known of it."""
        self._uncleared: list[str] = []
        """What is left of a round of clearing: a plan, which may be lost."""

    # State.

    def replay(self, record: Record) -> None:
        """Takes up one record."""
        if isinstance(record, TransactionStored):
            self.transactions[record.transactional_id] = record
        elif isinstance(record, TransactionRemoved):
            self.transactions.pop(record.transactional_id, None)
        else:
            raise AssertionError(f"a record that is not of transactions: {record!r}")

    # Decisions.

    def decide(self, command: Command, turn: Turn) -> Result:
        """What a command comes to; an error that it raises is its answer."""
        if not command.transactional_id:
            return answered(turn.ticket, InvalidRequest("a transactional id is not empty"))
        try:
            return _DECISIONS[type(command)](self.transactions, command, turn)
        except ProducerFenced as error:
            return answered(turn.ticket, _told_of_fencing(error, command))
        except CordwoodError as error:
            return answered(turn.ticket, error)

    def needs_producer_id(self, command: InitProducerId | EndTransaction) -> bool:
        """Whether the command has to bring a fresh producer id: the id is new, or the epochs of its producer are used.

        To be asked before each of the two. If it is not so any more when the command is decided, the fresh id is lost,
        or the asker is told to try again.
        """
        current = self.transactions.get(command.transactional_id)
        if isinstance(command, InitProducerId):
            return current is None or (current.is_exhausted and Event.INITIALIZED in TRANSITIONS[current.state])
        bumps = command.client_version >= outcome.EPOCH_BUMP_VERSION
        return bumps and current is not None and current.is_exhausted and not current.is_ending

    def expired(self, key: TimerKey, turn: Turn) -> Result:
        """What comes of a timer."""
        return self._clear(turn) if key == CLEARING else expiry.expire_transaction(self.transactions, key, turn)

    def _clear(self, turn: Turn) -> Result:
        """A part of a round over all ids; the next one begins when this is done and the interval has passed."""
        if not self._uncleared:
            self._uncleared = list(self.transactions)
        names = self._uncleared[-CLEARED_AT_ONCE:]
        del self._uncleared[-CLEARED_AT_ONCE:]
        found = [expiry.removal(known, turn) for name in names if (known := self.transactions.get(name))]
        delay_ms = 0 if self._uncleared else turn.settings.id_expiration_check_ms
        return merged(*found, Result(timers=(Timer(CLEARING, delay_ms),)))

    def loaded(self, turn: Turn) -> Iterator[Result]:
        """What is to be done after the log was replayed, in pieces; `all_unfinished` is the rest of it."""
        for transaction in list(self.transactions.values()):
            yield expiry.timer_of(transaction, turn)
        yield Result(timers=(Timer(CLEARING, turn.settings.id_expiration_check_ms),))

    # Markers.

    def unfinished(self, transactional_id: str) -> Markers | None:
        """The markers that the id's transaction still needs. To be asked when its newest record is durable."""
        current = self.transactions.get(transactional_id)
        return None if current is None else outcome.markers_of(current)

    def all_unfinished(self) -> Iterator[Markers]:
        """The markers of all transactions whose end was decided and is not done: to be written after loading."""
        for transactional_id in list(self.transactions):
            markers = self.unfinished(transactional_id)
            if markers is not None:
                yield markers

    # Questions.

    def ask(self, query: Any, turn: Turn) -> Any:  # noqa: ANN401 - any query of `listing`.
        """What is so now. Raises TransactionalIdNotFound."""
        if isinstance(query, ListTransactions):
            return listing.list_transactions(self.transactions, query, turn)
        return listing.describe(self.transactions, query)


def _told_of_fencing(error: ProducerFenced, command: Command) -> CordwoodError:
    """The error in the words that the asker understands."""
    if getattr(command, "knows_fencing", True):
        return error
    return InvalidProducerEpoch(error.producer_id, error.current, error.attempted)
