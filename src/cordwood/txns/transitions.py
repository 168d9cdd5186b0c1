"""The states of a transactional id: one table, which decisions follow and from which the diagram in the docs is drawn.

Lives here: states, events and where they lead. Must not live here: what else an event changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Final

from cordwood.model.state_table import StateTable


class State(Enum):
    """Kafka's names, as DescribeTransactions and ListTransactions tell them."""

    EMPTY = "Empty"
    ONGOING = "Ongoing"
    PREPARE_COMMIT = "PrepareCommit"
    """The transaction will be committed, whatever happens; markers are being written."""
    PREPARE_ABORT = "PrepareAbort"
    COMPLETE_COMMIT = "CompleteCommit"
    COMPLETE_ABORT = "CompleteAbort"
    DEAD = "Dead"
    """Removed: no request ever sees one."""
    PREPARE_EPOCH_FENCE = "PrepareEpochFence"
    """In Kafka, for as long as a fencing abort is written. Here that is one decision; the name is known to filters."""


class Event(Enum):
    """What can happen to a transactional id, in the words of the diagram."""

    INITIALIZED = "producer initialized"
    PARTITIONS_ADDED = "partitions added"
    COMMITTED = "commit decided"
    ABORTED = "abort decided"
    FENCED = "fenced, or out of time"
    MARKERS_WRITTEN = "all markers written"
    EXPIRED = "id expired"


TRANSITIONS: Final = StateTable[State, Event](
    "a transactional id",
    begin=State.EMPTY,
    end=State.DEAD,
    rows={
        State.EMPTY: {
            Event.INITIALIZED: State.EMPTY,
            Event.PARTITIONS_ADDED: State.ONGOING,
            # A producer of version 2 does not know whether the broker has heard of its transaction yet.
            Event.ABORTED: State.PREPARE_ABORT,
            Event.EXPIRED: State.DEAD,
        },
        State.ONGOING: {
            Event.PARTITIONS_ADDED: State.ONGOING,
            Event.COMMITTED: State.PREPARE_COMMIT,
            Event.ABORTED: State.PREPARE_ABORT,
            Event.FENCED: State.PREPARE_ABORT,
        },
        State.PREPARE_COMMIT: {Event.MARKERS_WRITTEN: State.COMPLETE_COMMIT},
        State.PREPARE_ABORT: {Event.MARKERS_WRITTEN: State.COMPLETE_ABORT},
        State.COMPLETE_COMMIT: {
            Event.INITIALIZED: State.EMPTY,
            Event.PARTITIONS_ADDED: State.ONGOING,
            Event.ABORTED: State.PREPARE_ABORT,
            Event.EXPIRED: State.DEAD,
        },
        State.COMPLETE_ABORT: {
            Event.INITIALIZED: State.EMPTY,
            Event.PARTITIONS_ADDED: State.ONGOING,
            Event.ABORTED: State.PREPARE_ABORT,
            Event.EXPIRED: State.DEAD,
        },
        State.DEAD: {},
        State.PREPARE_EPOCH_FENCE: {},
    },
)

ENDING: Final = frozenset({State.PREPARE_COMMIT, State.PREPARE_ABORT})
"""The end is decided, and markers are still to be written."""

STORED_CODES: Final[Mapping[State, int]] = MappingProxyType(
    {
        State.EMPTY: 0,
        State.ONGOING: 1,
        State.PREPARE_COMMIT: 2,
        State.PREPARE_ABORT: 3,
        State.COMPLETE_COMMIT: 4,
        State.COMPLETE_ABORT: 5,
    }
)
"""The states that are ever stored, and their numbers in Kafka's TransactionLogValue."""
