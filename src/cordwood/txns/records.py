"""The changes that a transactional id can go through: it is stored whole, or removed.

Lives here: the records, the first of which is also the state itself. Must not live here: what leads to them.
"""

from __future__ import annotations

from typing import Any

import msgspec

from cordwood.model.decision import Record
from cordwood.model.ids import NO_PRODUCER_ID, TopicPartition
from cordwood.txns.epochs import NO_EPOCH, is_exhausted
from cordwood.txns.transitions import ENDING, TRANSITIONS, Event, State


class TransactionStored(Record, frozen=True):
    """A transactional id as it is from now on: Kafka's TransactionLogValue."""

    transactional_id: str
    producer_id: int
    producer_epoch: int
    """The newest, and while markers are written theirs: from version 2 on the end of a transaction counts it up."""
    timeout_ms: int
    """How long a transaction may last."""
    updated_ms: int
    """When anything happened last: what the expiry of the id counts from."""
    state: State = State.EMPTY
    partitions: frozenset[TopicPartition] = frozenset()
    started_ms: int = -1
    """When the transaction began, or the last one; -1 if there was none since the producer was initialized."""
    previous_producer_id: int = NO_PRODUCER_ID
    """The producer id before this record; another one than now just after the epochs of one were used up."""
    next_producer_id: int = NO_PRODUCER_ID
    """What takes the place of the producer id when the transaction is over, if its epochs are used up."""
    next_producer_epoch: int = NO_EPOCH
    """Kafka keeps it for two-phase commit; it is handed on as it was read."""
    client_version: int = 0
    """The version of the protocol by which the transaction goes: 2 for KIP-890, 0 for the classic one."""
    last_producer_epoch: int = NO_EPOCH
    """The epoch before this one, if its producer asked for this one. Kafka's format has no place for it: not stored."""

    @property
    def is_ending(self) -> bool:
        """Whether its end is decided and markers are to be written."""
        return self.state in ENDING

    @property
    def is_exhausted(self) -> bool:
        """Whether no epoch is left that a client may be given."""
        return is_exhausted(self.producer_epoch)

    def after(self, event: Event, now_ms: int, **changes: Any) -> TransactionStored:  # noqa: ANN401 - fields of its own.
        """The record of what an event leads to; what `changes` does not name stays."""
        changes.setdefault("previous_producer_id", self.producer_id)
        return msgspec.structs.replace(
            self,
            state=TRANSITIONS.after(self.state, event),
            updated_ms=max(now_ms, self.updated_ms),  # Clocks of two brokers may differ.
            **changes,
        )


class TransactionRemoved(Record, frozen=True):
    """The transactional id is forgotten."""

    transactional_id: str
