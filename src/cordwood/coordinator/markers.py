"""Markers on their way: each transaction whose end is decided gets one into each of its partitions.

    begin ──> every partition ──┬── durable ─────────────> nothing remains: MarkersWritten completes the transaction
                                ├── there is no partition ─> left out: its topic was deleted
                                └── failed ──> queue ── every RETRY_MS so many ──> again, until the shard is another's

1. Whatever keeps one partition from taking its marker keeps nobody else: the others of the transaction are written, and
   other transactions end.
2. Nothing is given up: a transaction whose marker is missing anywhere is not complete. What is tried again is bounded in
   every turn, and a transaction is here once.
3. A coordinator that is one no more ends nothing: its shard is not active, and its markers are refused, since they name
   the leader epoch in which it was.

Lives here: who is owed a marker. Must not live here: how a partition gets one (`marker_routes`), what a marker changes.
Source: Kafka's TransactionMarkerChannelManager.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from functools import partial
from typing import Final, NamedTuple, Protocol

from cordwood.coordinator.shard_kind import Running
from cordwood.coordinator.transaction_counts import TransactionCounts
from cordwood.coordinator.transaction_marker import Tell, TransactionMarker
from cordwood.model.errors import CordwoodError, InvalidProducerEpoch
from cordwood.model.ids import TopicPartition
from cordwood.txns.commands import MarkersWritten
from cordwood.txns.replies import Markers
from cordwood.txns.shard import Shard

logger = logging.getLogger(__name__)

RETRY_MS: Final = 100
"""How long a marker that failed waits, at least."""

RETRIED_AT_ONCE: Final = 256
"""So many are tried again in one turn, the one that has waited longest first."""


class Routes(Protocol):
    """Brings a marker to a partition, wherever that is."""

    def is_gone(self, name: TopicPartition) -> bool:
        """Whether there is no such partition any more."""
        ...

    def write(self, name: TopicPartition, marker: TransactionMarker, tell: Tell) -> None:
        """Tells once what became of it, at once or later."""
        ...


class Ending:
    """One transaction whose end is decided."""

    __slots__ = ("has_failed", "marker", "remaining", "runner", "transactional_id")

    def __init__(self, runner: Running[Shard], markers: Markers) -> None:
        self.runner = runner
        self.transactional_id = markers.transactional_id
        self.marker = TransactionMarker(
            markers.producer_id,
            markers.producer_epoch,
            markers.committed,
            runner.leader_epoch,
            markers.client_version,
        )
        self.remaining = set(markers.partitions)
        self.has_failed = False
        """Whether it was told of already that a marker has to wait."""


class Failed(NamedTuple):
    """A marker that is tried again."""

    ending: Ending
    name: TopicPartition


class MarkerWriter:
    """The markers that this broker's coordinators owe."""

    def __init__(self, routes: Routes, counts: TransactionCounts, loop: asyncio.AbstractEventLoop) -> None:
        self._routes = routes
        self._counts = counts
        self._loop = loop
        self._endings: dict[str, Ending] = {}
        """By transactional id, of which only one broker is the coordinator, and only one transaction ends at a time."""
        self._failed: deque[Failed] = deque()
        self._timer: asyncio.TimerHandle | None = None

    @property
    def ending_count(self) -> int:
        """How many transactions wait for their markers."""
        return len(self._endings)

    @property
    def failed_count(self) -> int:
        """How many markers could not be written yet."""
        return len(self._failed)

    def begin(self, runner: Running[Shard], markers: Markers) -> None:
        """Writes the markers of a transaction, and tells the shard when all of them are durable."""
        ending = self._endings[markers.transactional_id] = Ending(runner, markers)
        if not ending.remaining:
            self._complete(ending)
        for name in sorted(ending.remaining):
            self._write(ending, name)

    def try_again(self) -> None:
        """Does not wait for the time to be up: something has changed."""
        if self._timer is not None:
            self._timer.cancel()
            self._retry()

    def close(self) -> None:
        """Writes no more. Whoever coordinates next begins with what is left."""
        self._endings.clear()
        self._failed.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _is_current(self, ending: Ending) -> bool:
        """Whether it is still this broker's to end the transaction; if not, it is forgotten."""
        if self._endings.get(ending.transactional_id) is not ending:
            return False
        if not ending.runner.is_active:
            del self._endings[ending.transactional_id]
            return False
        return True

    def _write(self, ending: Ending, name: TopicPartition) -> None:
        if self._routes.is_gone(name):
            logger.info("%s is no more: the end of %r is not written there", name, ending.transactional_id)
            self._counts.dropped_markers += 1
            self._settled(ending, name)
            return
        self._routes.write(name, ending.marker, partial(self._told, ending, name))

    def _told(self, ending: Ending, name: TopicPartition, error: CordwoodError | None) -> None:
        if error is None:
            self._counts.written_markers += 1
        elif isinstance(error, InvalidProducerEpoch):
            # A later epoch of the producer is in the partition: a power failure took back what is known of it here.
            logger.error("%s is ahead of the transaction %r: %s", name, ending.transactional_id, error)
            self._counts.dropped_markers += 1
        else:
            self._fail(ending, name, error)
            return
        self._settled(ending, name)

    def _settled(self, ending: Ending, name: TopicPartition) -> None:
        """The partition needs no marker any more."""
        ending.remaining.discard(name)
        if not ending.remaining and self._is_current(ending):
            self._complete(ending)

    def _complete(self, ending: Ending) -> None:
        del self._endings[ending.transactional_id]
        marker = ending.marker
        ending.runner.tell(MarkersWritten(ending.transactional_id, marker.producer_id, marker.producer_epoch))

    # Trying again.

    def _fail(self, ending: Ending, name: TopicPartition, error: CordwoodError) -> None:
        if not self._is_current(ending):
            return
        self._counts.marker_failures += 1
        if not ending.has_failed:
            ending.has_failed = True
            logger.warning("the end of %r waits for %s: %s", ending.transactional_id, name, error)
        self._failed.append(Failed(ending, name))
        if self._timer is None:
            self._timer = self._loop.call_later(RETRY_MS / 1000, self._retry)

    def _retry(self) -> None:
        self._timer = None
        for _ in range(min(len(self._failed), RETRIED_AT_ONCE)):
            failed = self._failed.popleft()
            if self._is_current(failed.ending):
                self._write(*failed)
        if self._failed and self._timer is None:
            self._timer = self._loop.call_later(RETRY_MS / 1000, self._retry)
