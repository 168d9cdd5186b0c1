"""What commands are answered with, and what is to be written to partitions.

Lives here: the shapes. Must not live here: errors (see `model.transaction_errors`).
"""

from __future__ import annotations

from typing import NamedTuple

from cordwood.model.ids import NO_PRODUCER_ID, TopicPartition
from cordwood.txns.epochs import NO_EPOCH


class Producer(NamedTuple):
    """The id and epoch that a producer has from now on."""

    producer_id: int
    producer_epoch: int


UNCHANGED = Producer(NO_PRODUCER_ID, NO_EPOCH)
"""The end of a classic transaction leaves the producer what it was."""


class Verified(NamedTuple):
    """Which of the partitions asked for are not in the transaction."""

    missing: frozenset[TopicPartition]


class Markers(NamedTuple):
    """The same marker for each partition of a transaction; the epoch of the coordinator is for the shell to add."""

    transactional_id: str
    producer_id: int
    producer_epoch: int
    committed: bool
    partitions: frozenset[TopicPartition]
    """May be none, when the producer aborts what it had not begun."""
    client_version: int
    """From 2 on the epoch is a higher one than that of the data."""
