"""Shards of transactional ids: partitions of `__transaction_state`.

Lives here: what is particular to them, above all when markers are due: as soon as the decision to end a transaction is
durable, and, for those that were decided and not completed, when the shard is loaded. Must not live here: decisions
(txns), bytes (`stored`), the writing of markers (`markers`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Any, Final, Protocol

from cordwood.coordinator.endings import Endings
from cordwood.coordinator.settings import CoordinatorSettings
from cordwood.coordinator.shard_kind import NOBODY, Producer, Running
from cordwood.coordinator.stored.transactions import decode, encode
from cordwood.coordinator.transaction_counts import TransactionCounts
from cordwood.env.clock import Clock
from cordwood.model.decision import Record, Ticket
from cordwood.model.errors import CordwoodError
from cordwood.records.batch import Codec
from cordwood.txns.records import TransactionStored
from cordwood.txns.replies import Markers
from cordwood.txns.shard import Shard
from cordwood.txns.transitions import State
from cordwood.txns.turn import Turn

END_BYTES: Final = 32
"""The most by which the record of a transaction grows when its end is decided: four numbers with their tags."""


class MarkerPort(Protocol):
    """Writes markers."""

    def begin(self, runner: Running[Shard], markers: Markers) -> None:
        """Writes the markers of a transaction, and tells the shard when all of them are durable."""
        ...


class TransactionShards:
    """The kind, as the runner asks for it."""

    codec = Codec.NONE

    def __init__(
        self,
        settings: CoordinatorSettings,
        clock: Clock,
        counts: TransactionCounts,
        markers: MarkerPort,
        endings: Endings,
    ) -> None:
        self.load_buffer_bytes = settings.transactions_load_buffer_bytes
        self._counts = counts
        self._settings = settings.transactions
        self._clock = clock
        self._markers = markers
        self._endings = endings

    def new_shard(self) -> Shard:
        """A shard without ids."""
        return Shard()

    def new_turn(self, ticket: Ticket) -> Turn:
        """The surroundings of one decision."""
        return Turn(self._clock.now_ms(), ticket, self._settings)

    def name_of(self, question: Any) -> str:  # noqa: ANN401 - any command or query of transactions.
        """The transactional id."""
        return getattr(question, "transactional_id", "")

    def encode(self, record: Record) -> tuple[bytes, bytes | None]:
        """Key and value of a stored record."""
        return encode(record)

    def decode(self, key: bytes, value: bytes | None, producer: Producer) -> Record | None:
        """The record again. Raises ProtocolError."""
        return decode(key, value)

    def producer_of(self, record: Record) -> Producer:
        """Nobody's: what a coordinator keeps of transactions is not in one."""
        return NOBODY

    def spare_bytes(self, record: Record) -> int:
        """An open transaction must be able to end: what its end adds to the record has room from the beginning."""
        return END_BYTES if isinstance(record, TransactionStored) and record.state is State.ONGOING else 0

    def complete(self, shard: Shard, producer_id: int, *, committed: bool) -> None:
        """Nothing: no record of this topic waits for the end of a transaction."""

    def took_effect(self, runner: Running[Shard], records: Sequence[Record]) -> None:
        """Counts them; where the end of a transaction was decided, its markers follow, and where it is over, the next."""
        for record in records:
            self._counts.note(record)
            if not isinstance(record, TransactionStored):
                continue
            if record.is_ending:
                runner.written().add_done_callback(partial(self._decided, runner, record.transactional_id))
            else:
                self._endings.ended(record.transactional_id)

    def _decided(
        self, runner: Running[Shard], transactional_id: str, written: asyncio.Future[CordwoodError | None]
    ) -> None:
        if written.cancelled() or written.result() is not None:
            return  # It is not durable. Where the shard is loaded anew, it is found again if it got into the log.
        markers = runner.shard.unfinished(transactional_id)
        if markers is not None:
            self._markers.begin(runner, markers)

    def began(self, runner: Running[Shard]) -> None:
        """Finishes what was decided and not completed, by this coordinator or by the one before."""
        for markers in runner.shard.all_unfinished():
            self._markers.begin(runner, markers)
