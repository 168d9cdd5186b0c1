"""The marker that ends a producer's transaction in a partition, as coordinators hand it on.

Lives here: the value, and how a partition takes it. Must not live here: its bytes (records.control), and who writes it
where (`markers`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from cordwood.log.log import Appended
from cordwood.model.errors import CordwoodError
from cordwood.records.control import MarkerType
from cordwood.replica.partition import Partition

Tell: TypeAlias = Callable[[CordwoodError | None], None]
"""Told once that the marker is durable (None), or why it is not there; at once or later."""


class TransactionMarker(NamedTuple):
    """WriteTxnMarkers' words for one producer, without the partitions."""

    producer_id: int
    producer_epoch: int
    committed: bool
    coordinator_epoch: int
    """The leader epoch of the partition of `__transaction_state`: what an older coordinator says is refused."""
    client_version: int = 0
    """2 where the epoch is a higher one than that of the data (KIP-890)."""

    def append_to(self, partition: Partition) -> Appended:
        """Appends it. Raises as `Partition.append_marker`."""
        kind = MarkerType.COMMIT if self.committed else MarkerType.ABORT
        return partition.append_marker(
            self.producer_id,
            self.producer_epoch,
            kind,
            self.coordinator_epoch,
            transaction_version=self.client_version,
        )
