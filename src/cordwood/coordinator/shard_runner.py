"""One shard at work: what it decides is written, and answers leave when that is durable.

    run(command) ─ decide ─> records ── encode, replay ──> pending ─┐ flush, once a turn of the loop:
                      │                                              ├─> one batch ── append ──> when_durable ─┐
                      ├────> answers ────────────────────> made ─────┘                                         v
                      └────> timers                                                              futures are completed
    append_marker ─ what is pending goes first ─> the marker ─> the transaction's records count, or are forgotten

1. A decision takes effect in memory at once, so that the next one builds on it; all decisions of one turn of the event
   loop go to the log together. The records of one decision are in one batch as far as a batch can be so large.
2. An answer leaves when everything that the shard had written when it was made is durable. Nobody is told what a
   power failure could take back, a reader of another member's commit included.
3. A decision that cannot be written (too large, no room) is refused before it takes effect. If the append fails all the
   same, memory is ahead of the log: everybody who waits is told to try again, and the shard is loaded anew.

Lives here: that order. Must not live here: decisions (groups, txns), what is particular to them (a `ShardKind`), reading
(`loading`).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from enum import Enum
from functools import partial
from typing import Any, Final, Generic, NamedTuple

from cordwood.coordinator.batching import Entry, batches_of
from cordwood.coordinator.loading import SLICE_SECONDS, load
from cordwood.coordinator.shard_kind import NOBODY, Producer, S, ShardKind
from cordwood.coordinator.surroundings import Surroundings
from cordwood.coordinator.timers import Timers
from cordwood.coordinator.transaction_marker import TransactionMarker
from cordwood.log.log import Appended
from cordwood.model.decision import NO_TICKET, Answer, Result, Ticket, TimerKey
from cordwood.model.errors import CordwoodError, InvalidProducerEpoch, LogClosed, RecordTooLarge, StorageFailed
from cordwood.model.group_errors import CoordinatorLoading, CoordinatorNotAvailable, NotCoordinator
from cordwood.model.ids import Offset
from cordwood.records.batch import HEADER_SIZE
from cordwood.replica.partition import Partition

logger = logging.getLogger(__name__)

RETRY_MS: Final = 1_000
"""When something that nobody waits for, such as the end of a session, is tried again that could not be written."""


class State(Enum):
    """The life of a shard on this broker."""

    LOADING = "loading"
    ACTIVE = "active"
    FAILED = "failed"
    """Its log takes no more writes."""
    CLOSED = "closed"
    """It is coordinated elsewhere, or by nobody."""


class Waiting(NamedTuple):
    """An answer on its way to whoever asked."""

    future: asyncio.Future[Any]
    value: Any


class ShardRunner(Generic[S]):
    """Carries out what one shard decides."""

    def __init__(self, partition: Partition, kind: ShardKind[S], around: Surroundings) -> None:
        """Takes up the shard and begins to load it."""
        self.partition = partition
        self.leader_epoch = partition.leader_epoch
        """In which this broker took up the shard."""
        self.shard = kind.new_shard()
        self.state = State.LOADING
        self.failure: CordwoodError | None = None
        """Why it is not active, when it should be."""
        self.loaded_records = 0
        self.load_seconds = 0.0
        self._kind = kind
        self._around = around
        self._timers = Timers(around.loop, self._fire)
        self._futures: dict[Ticket, asyncio.Future[Any]] = {}
        self._pending: list[Entry] = []
        self._pending_bytes = 0
        self._made: list[Answer] = []
        self._told: list[Any] = []
        self._flush_is_due = False
        self._written = Offset(0)
        """Where the shard's own records end in the log."""
        self._loading: asyncio.Task[None] | None = None
        self._load()

    # Asking.

    def run(self, command: Any) -> Any:  # noqa: ANN401 - the command knows what answers it.
        """Carries out a command; gives its answer, or a future of it. An answer may be a CordwoodError.

        Raises NotCoordinator, CoordinatorLoading, CoordinatorNotAvailable, after which nothing has changed.
        """
        name = self._kind.name_of(command)
        self.check_active(name)
        ticket = self._around.new_ticket()
        result = self.shard.decide(command, self._kind.new_turn(ticket))
        if not result.records and len(result.answers) == 1 and self._is_quiet and result.answers[0].ticket == ticket:
            self._set_timers(result)
            return result.answers[0].value
        future = self._futures[ticket] = self._around.loop.create_future()
        try:
            self._carry_out(result)
        except (RecordTooLarge, InvalidProducerEpoch) as error:
            del self._futures[ticket]
            return error  # It will be no better later.
        except CordwoodError as error:
            del self._futures[ticket]
            raise CoordinatorNotAvailable(name, str(error)) from error
        return future

    def ask(self, query: Any) -> Any:  # noqa: ANN401 - the query knows what answers it.
        """What is so now. Raises as `run`, and what the query raises."""
        self.check_active(self._kind.name_of(query))
        return self.shard.ask(query, self._kind.new_turn(NO_TICKET))

    def tell(self, command: Any) -> None:  # noqa: ANN401 - see `run`.
        """Carries out a command whose answer nobody waits for; while the shard loads, as soon as it is loaded.

        What cannot be written now is tried again later.
        """
        if self.state is State.ACTIVE:
            if not self._try(lambda: self.shard.decide(command, self._kind.new_turn(NO_TICKET))):
                self._around.loop.call_later(RETRY_MS / 1000, self.tell, command)
        elif self.state is State.LOADING:
            self._told.append(command)

    def written(self) -> asyncio.Future[CordwoodError | None]:
        """None when everything that was decided up to now is durable, or why it never will be."""
        ticket = self._around.new_ticket()
        future = self._futures[ticket] = self._around.loop.create_future()
        self._made.append(Answer(ticket, None))
        if not self._pending:
            self._release()
        return future

    def append_marker(self, marker: TransactionMarker) -> Appended:
        """Ends a producer's transaction, behind everything that was decided before.

        Whoever asks from now on is told what that came to, when the marker is durable. Raises as `run`, and as
        `Partition.append_marker`, and then the transaction is as it was.
        """
        name = str(self.partition.name)
        self.check_active(name)
        if self._pending:
            self._flush()
            self.check_active(name)
        appended = marker.append_to(self.partition)
        self._written = Offset(appended.next_offset)
        self._kind.complete(self.shard, marker.producer_id, committed=marker.committed)
        return appended

    @property
    def is_active(self) -> bool:
        """Whether it serves."""
        return self.state is State.ACTIVE

    @property
    def _is_quiet(self) -> bool:
        """Whether everything that was written is durable."""
        return not self._pending and self._written <= self.partition.high_watermark

    def check_active(self, name: str) -> None:
        """Raises as `run` while the shard does not serve; `name` is whose sake it is asked for."""
        if self.state is State.ACTIVE and self.partition.failure is None:
            return
        if self.state is State.LOADING:
            raise CoordinatorLoading(name)
        if self.state is State.CLOSED:
            raise NotCoordinator(name)
        raise CoordinatorNotAvailable(name, str(self.partition.failure or self.failure))

    # Carrying out.

    def _carry_out(self, result: Result) -> None:
        """Raises RecordTooLarge, InvalidProducerEpoch, DiskFull, StorageFailed, and then has changed nothing."""
        entry = self._entry_of(result) if result.records else None
        if entry is not None:
            size = entry.size + HEADER_SIZE
            self._check_writable(entry, size)
            self._pending.append(entry)
            self._pending_bytes += size
        for record in result.records:
            self.shard.replay(record)
        self._set_timers(result)
        self._made += result.answers
        if not self._pending:
            self._release()
        elif not self._flush_is_due:
            self._flush_is_due = True
            self._around.loop.call_soon(self._flush)
        if result.records:
            self._kind.took_effect(self, result.records)

    def _set_timers(self, result: Result) -> None:
        for key, delay_ms in result.timers:
            if delay_ms is None:
                self._timers.cancel(key)
            else:
                self._timers.set(key, delay_ms)

    def _entry_of(self, result: Result) -> Entry | None:
        stored = [record for record in result.records if record.stored]
        if not stored:
            return None
        encode = self._kind.encode
        producer = self._kind.producer_of(stored[0])
        entry = Entry.of([encode(record) for record in stored], self._around.clock.now_ms(), producer)
        return entry._replace(largest=entry.largest + max(map(self._kind.spare_bytes, stored)))

    def _check_writable(self, entry: Entry, size: int) -> None:
        limit = self.partition.log.config.max_message_bytes
        if entry.largest + HEADER_SIZE > limit:
            raise RecordTooLarge(entry.largest + HEADER_SIZE, limit)
        if entry.producer is not NOBODY:
            self._check_producer(entry.producer)
        self.partition.directory.check_room(self._pending_bytes + size)

    def _check_producer(self, producer: Producer) -> None:
        """Refuses what the log would refuse when it is too late for that."""
        known = self.partition.log.producers.find(producer.id)
        if known is not None and producer.epoch < known.epoch:
            raise InvalidProducerEpoch(producer.id, known.epoch, producer.epoch)

    def _fire(self, key: TimerKey) -> None:
        if self.partition.failure is not None:
            self._stop(State.FAILED, self.partition.failure)
        elif self.state is not State.ACTIVE or not self._try(lambda: self._expired(key)):
            self._timers.set(key, RETRY_MS)

    def _expired(self, key: TimerKey) -> Result:
        return self.shard.expired(key, self._kind.new_turn(NO_TICKET))

    def _try(self, decide: Callable[[], Result]) -> bool:
        """Carries out what nobody waits for; False if it cannot be written now."""
        result = decide()
        try:
            self._carry_out(result)
        except CordwoodError as error:
            logger.warning("%s: a change that nobody asked for has to wait: %s", self.partition.name, error)
            return False
        return True

    # Writing.

    def _flush(self) -> None:
        self._flush_is_due = False
        pending, self._pending, self._pending_bytes = self._pending, [], 0
        try:
            for batch in batches_of(pending, self.partition.log.config.max_message_bytes, self._kind.codec):
                appended = self.partition.append_own(memoryview(bytearray(batch)))
                self._written = Offset(appended.next_offset)
        except CordwoodError as error:
            self._lose(error)
            return
        self._release()

    def _release(self) -> None:
        """Sends the answers that were made, as soon as all that was written up to now is durable."""
        made, self._made = self._made, []
        waiting = [
            Waiting(future, value) for ticket, value in made if (future := self._futures.pop(ticket, None)) is not None
        ]
        if waiting and self.partition.when_durable(self._written, partial(self._durable, waiting)):
            _deliver(waiting)

    def _durable(self, waiting: list[Waiting], error: CordwoodError | None) -> None:
        if error is None:
            _deliver(waiting)
            return
        # A log that is closed is one that leaves this broker; the metadata say so in a moment, or it stops.
        state = State.FAILED if isinstance(error, StorageFailed) else State.CLOSED
        self._stop(state, error)
        told = self._told_of(state, error)
        _deliver(Waiting(future, told) for future, _ in waiting)

    # Loading, losing, leaving.

    def _load(self) -> None:
        if self._loading is not None:
            self._loading.cancel()
        self.state = State.LOADING
        self._loading = self._around.loop.create_task(self._loaded())

    async def _loaded(self) -> None:
        began = self._around.clock.monotonic()
        try:
            self.loaded_records = await load(self.partition.log, self.shard, self._kind, self._around)
        except CordwoodError as error:
            logger.error("%s: the shard cannot be loaded: %s", self.partition.name, error)
            self._stop(State.FAILED, error)
            return
        self._written = self.partition.log.end_offset
        await self._begin()
        self.load_seconds = self._around.clock.monotonic() - began
        self.state = State.ACTIVE
        told, self._told = self._told, []
        for command in told:
            self.tell(command)
        self._kind.began(self)

    async def _begin(self) -> None:
        """Sets the timers of what was loaded and repairs it, giving way to others in between."""
        monotonic = self._around.clock.monotonic
        until = monotonic() + SLICE_SECONDS
        for result in self.shard.loaded(self._kind.new_turn(NO_TICKET)):
            try:
                self._carry_out(result)
            except CordwoodError as error:
                logger.warning("%s: what was loaded cannot be repaired now: %s", self.partition.name, error)
                self._set_timers(result)
            if monotonic() >= until:
                await asyncio.sleep(0)
                until = monotonic() + SLICE_SECONDS

    def _lose(self, error: CordwoodError) -> None:
        """The log has not what memory has: back to the log."""
        if isinstance(error, LogClosed):
            self._stop(State.CLOSED, error)
            return
        if self.partition.failure is not None:
            self._stop(State.FAILED, self.partition.failure)
            return
        logger.error(
            "%s: the log did not take records of the shard, which is loaded anew: %s", self.partition.name, error
        )
        self._stop(State.LOADING, error)
        self.shard = self._kind.new_shard()
        self._load()

    def _stop(self, state: State, why: CordwoodError | None) -> None:
        """Tells everybody who waits, and forgets what was on its way."""
        self.state = state
        self.failure = why
        self._timers.clear()
        self._pending.clear()
        self._pending_bytes = 0
        self._made.clear()
        futures, self._futures = self._futures, {}
        told = self._told_of(state, why)
        _deliver(Waiting(future, told) for future in futures.values())

    def _told_of(self, state: State, why: CordwoodError | None) -> CordwoodError:
        name = str(self.partition.name)
        return NotCoordinator(name) if state is State.CLOSED else CoordinatorNotAvailable(name, str(why))

    def close(self) -> None:
        """This broker coordinates the shard no more. What was decided before is written."""
        if self._pending and self.state is State.ACTIVE:
            self._flush()
        self._stop(State.CLOSED, None)
        if self._loading is not None:
            self._loading.cancel()

    async def closed(self) -> None:
        """Returns when nothing of the shard is under way in the background."""
        if self._loading is not None:
            await asyncio.gather(self._loading, return_exceptions=True)


def _deliver(waiting: Iterable[Waiting]) -> None:
    for future, value in waiting:
        if not future.done():  # Whoever waited may have gone.
            future.set_result(value)
