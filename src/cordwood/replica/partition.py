"""One replica of one partition: its log, its high watermark, and everybody who waits for it to move.

Lives here: when an append counts as acknowledged, and who is told. Must not live here: bytes of requests, file layout.

The rule of the high watermark with one replica:

| flush.policy      | the high watermark follows                          |
|-------------------|-----------------------------------------------------|
| `commit`          | what is on the device: moves when a sync completes  |
| `interval`, `os`  | the log's end: moves with every append              |

Consumers see nothing at or above it, so under `commit` nobody reads what a power failure could take back.

Consumers of committed records see nothing at or above the last stable offset: that is the high watermark, or where a
transaction begins that is open, or whose marker is not below the high watermark yet, if that is lower. It moves with the
high watermark only, and so whoever waits for one is woken by the other.

What few partitions ever need is made at its first use: most of the partitions of a large broker are idle, and one that is
takes little more than its name and its log at rest (docs/STORAGE.md). A log at rest is woken in a background thread before
something is appended, and where it is by whoever reads what is below the high watermark.

All methods run on the event loop's thread; only `_synced_in_background` is called by the flusher's, `_wake` by a background
thread's, and the last stable offset may be asked by any.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final, Protocol, TypeAlias

from cordwood.log.flusher import Flusher
from cordwood.log.log import Appended, Log, LogRange
from cordwood.log.producers import NO_TRANSACTION
from cordwood.model.errors import (
    CordwoodError,
    CorruptLog,
    DiskFull,
    FencedLeaderEpoch,
    NotEnoughReplicas,
    StorageFailed,
    UnknownLeaderEpoch,
)
from cordwood.model.ids import NO_LEADER_EPOCH, LeaderEpoch, Offset, TopicPartition
from cordwood.records.conform import Demands
from cordwood.records.control import MARKER_SIZE_BYTES, MarkerType
from cordwood.replica.conversion import Conversions, Tell
from cordwood.replica.directory import Directory
from cordwood.replica.verifications import Admitted, Verifications

Durable: TypeAlias = Callable[[CordwoodError | None], None]
"""Told once that an append is acknowledged (None), or why it never will be."""

Post: TypeAlias = Callable[..., object]
"""Runs a call on the event loop's thread, from any thread: `loop.call_soon_threadsafe`."""


AS_IT_COMES: Final = Demands()
"""A topic that stores what its producers send."""


class Reader(Protocol):
    """Somebody who waits for records."""

    def wake(self) -> None:
        """The high watermark moved, or the partition is gone: look again."""
        ...


class Partition:
    """A leader replica. Counters are plain numbers that the metrics read."""

    __slots__ = (
        "_conversions",
        "_ending",
        "_flusher",
        "_post",
        "_readers",
        "_sync_pending",
        "_syncs_before_ack",
        "_verifications",
        "_waiting",
        "bytes_in",
        "bytes_out",
        "demands",
        "directory",
        "failure",
        "high_watermark",
        "is_switching",
        "leader_epoch",
        "log",
        "messages_in",
        "min_in_sync_replicas",
        "name",
    )

    def __init__(self, name: TopicPartition, log: Log, directory: Directory, flusher: Flusher, post: Post) -> None:
        self.name = name
        self.log = log
        self.directory = directory
        self.leader_epoch = NO_LEADER_EPOCH
        self.high_watermark: Offset = log.end_offset
        self.failure: CordwoodError | None = None
        self.is_switching = False
        """Whether the log is about to live in another directory (moves.py): appends of clients wait for that."""
        self.bytes_in = self.bytes_out = self.messages_in = 0
        self.min_in_sync_replicas = 1
        self.demands = AS_IT_COMES
        """What the topic wants of its batches."""
        self._verifications: Verifications | None = None
        self._conversions: Conversions | None = None
        self._flusher = flusher
        self._post = post
        self._sync_pending = False
        self._waiting: deque[tuple[int, Durable]] | None = None
        self._ending: deque[tuple[int, int]] | None = None
        """Where transactions begin, and the offsets of their markers, which are not below the high watermark yet."""
        self._readers: set[Reader] | None = None
        self._syncs_before_ack = log.config.flush_policy == "commit"

    def lead(self, leader_epoch: LeaderEpoch) -> None:
        """This replica is the leader of an epoch from now on."""
        if leader_epoch > self.leader_epoch:
            self.log.assign_epoch(leader_epoch)
            self.leader_epoch = leader_epoch

    def configured(self) -> None:
        """The log has a new configuration."""
        self._syncs_before_ack = self.log.config.flush_policy == "commit"

    @property
    def verifications(self) -> Verifications:
        """Who is about to begin a transaction here."""
        if self._verifications is None:
            self._verifications = Verifications(self.name, self.log)
        return self._verifications

    # Writing.

    def check_in_sync_replicas(self) -> None:
        """Raises NotEnoughReplicas if acks=all asks for more replicas than are in sync: this one is alone."""
        if self.min_in_sync_replicas > 1:
            raise NotEnoughReplicas(str(self.name), 1, self.min_in_sync_replicas)

    def append(self, batch: memoryview, admitted: Admitted | None = None) -> Appended | None:
        """Appends one batch, which is stamped in place; raises the log's errors and then has written nothing.

        The append is acknowledged later: see `when_durable`. None if it takes work first: then call `append_later`.
        A batch that opens a transaction has been `admitted`.
        """
        if self.failure is not None:
            raise self.failure
        conversions = self._conversions
        if self.log.at_rest is not None or self.is_switching or (conversions is not None and conversions):
            return None
        if self.demands is not AS_IT_COMES and self.demands != AS_IT_COMES:
            return self._converting().at_once(batch, self.demands, admitted)
        return self._append(batch, admitted)

    def append_own(self, batch: memoryview) -> Appended:
        """Appends a batch that this broker made itself, as it is. Otherwise as `append`."""
        if self.failure is not None:
            raise self.failure
        return self._append(batch, is_own=True)

    def append_marker(
        self,
        producer_id: int,
        producer_epoch: int,
        kind: MarkerType,
        coordinator_epoch: int,
        *,
        transaction_version: int = 0,
    ) -> Appended:
        """Ends the transaction of a producer here. Otherwise as `append`; raises TransactionCoordinatorFenced, too.

        From `transaction_version` 2 on the epoch must be higher than that of the transaction.
        """
        if self.failure is not None:
            raise self.failure
        log = self.log
        self.directory.spend(MARKER_SIZE_BYTES)
        producer = log.producers.find(producer_id)
        begin = NO_TRANSACTION if producer is None else producer.transaction_start
        try:
            appended = log.append_marker(
                producer_id,
                producer_epoch,
                kind,
                coordinator_epoch,
                self.leader_epoch,
                transaction_version=transaction_version,
            )
        except StorageFailed as error:
            self._storage_failed(error)
            raise
        if self._verifications is not None:
            self._verifications.ended(producer_id)
        if begin != NO_TRANSACTION:
            self._ending = self._ending or deque()
            self._ending.append((begin, appended.base_offset))
        self._appended(appended, MARKER_SIZE_BYTES)
        return appended

    def append_later(self, batch: memoryview, tell: Tell, admitted: Admitted | None = None) -> None:
        """Appends a copy of the batch in its turn, and tells the outcome."""
        wake = self._wake if self.log.at_rest is not None or self.is_switching else None
        self._converting().later(batch, self.demands, tell, admitted, prepare=wake)

    def _converting(self) -> Conversions:
        if self._conversions is None:
            self._conversions = Conversions(self._append, self._flusher.background, self._post)
        return self._conversions

    def _wake(self) -> None:
        """In a background thread: the log's directory may have to be made."""
        try:
            self.log.wake()
        except (CorruptLog, StorageFailed) as error:
            self._post(self._storage_failed if isinstance(error, StorageFailed) else self.fail, error)
            raise

    def _append(self, batch: memoryview, admitted: Admitted | None = None, *, is_own: bool = False) -> Appended:
        log = self.log
        if admitted is not None:
            self.verifications.check(admitted)
        self.directory.spend(len(batch))
        try:
            appended = log.append_batch(batch, self.leader_epoch, is_own=is_own)
        except StorageFailed as error:
            self._storage_failed(error)
            raise
        if not appended.duplicate:
            self._appended(appended, len(batch))
        return appended

    def _appended(self, appended: Appended, size_bytes: int) -> None:
        self.bytes_in += size_bytes
        self.messages_in += appended.next_offset - appended.base_offset
        if self._syncs_before_ack:
            self._request_sync()
        else:
            self._advance(Offset(appended.next_offset))

    def when_durable(self, next_offset: Offset, tell: Durable) -> bool:
        """True if everything below `next_offset` is acknowledged now; else `tell` is called when it is."""
        if next_offset <= self.high_watermark:
            return True
        self._waiting = self._waiting or deque()
        self._waiting.append((next_offset, tell))
        return False

    def _request_sync(self) -> None:
        if not self._sync_pending:
            self._sync_pending = True
            self._flusher.notify(self.log, self.log.end_offset, self._synced_in_background)

    def _synced_in_background(self, error: CordwoodError | None) -> None:
        self._post(self._synced, error)

    def _synced(self, error: CordwoodError | None) -> None:
        self._sync_pending = False
        if isinstance(error, StorageFailed):
            self._storage_failed(error)
        if error is not None:
            self.fail(error)
            return
        self._advance(self.log.synced_offset)
        if self.high_watermark < self.log.end_offset and self._syncs_before_ack:
            self._request_sync()

    def _advance(self, offset: Offset) -> None:
        if offset <= self.high_watermark:
            return
        self.high_watermark = offset
        ending = self._ending
        while ending and ending[0][1] < offset:
            ending.popleft()
        waiting = self._waiting
        while waiting and waiting[0][0] <= offset:
            waiting.popleft()[1](None)
        self.wake_readers()

    def _storage_failed(self, error: StorageFailed) -> None:
        """Room comes back; anything else takes the whole directory with it, since its device or file system is ill."""
        if not isinstance(error, DiskFull):
            self.directory.fail(error)

    def fail(self, error: CordwoodError) -> None:
        """The storage failed: whoever waits is told, and so is whoever comes."""
        if self.failure is None:
            self.failure = error
        self._give_up(error)

    def close(self, reason: CordwoodError) -> None:
        """The partition leaves this broker: whoever waits is told why. The log is closed by its owner."""
        self._give_up(reason)

    def give_back(self) -> None:
        """The log went to rest: what nobody uses now goes, too. Any thread may call."""
        self._post(_give_back, self)

    def _give_up(self, reason: CordwoodError) -> None:
        waiting, self._waiting = self._waiting, None
        for _, tell in waiting or ():
            tell(reason)
        self.wake_readers()

    # Reading.

    @property
    def last_stable_offset(self) -> Offset:
        """Below it the outcome of every transaction is known and kept."""
        high_watermark = self.high_watermark  # First: a transaction that begins meanwhile begins at it or above.
        undecided = self.log.first_undecided_offset()
        if undecided is None and not self._ending:
            return high_watermark
        starts = [begin for begin, _ in tuple(self._ending or ())]
        return Offset(min(high_watermark, *starts, high_watermark if undecided is None else undecided))

    def read(self, offset: int, max_bytes: int, *, at_least_one: bool, committed: bool = False) -> LogRange | None:
        """The batches from the one that holds `offset` up to the high watermark; None at the high watermark.

        With `committed` it is the last stable offset instead. Raises OffsetOutOfRange, StorageFailed.
        """
        if self.failure is not None:
            raise self.failure
        if offset == self.high_watermark:
            return None  # Whoever waits for more neither wakes the log nor keeps it awake.
        end = self.last_stable_offset if committed else self.high_watermark
        try:
            return self.log.read_range(Offset(offset), max_bytes, end_offset=end, min_one=at_least_one)
        except StorageFailed as error:
            self._storage_failed(error)
            raise

    def read_failed(self, error: CordwoodError) -> None:
        """Told by whoever read from the partition's files, in any thread: an ill device fails for writing as well."""
        if isinstance(error, StorageFailed):
            self._post(self._storage_failed, error)

    def check_leader_epoch(self, attempted: int) -> None:
        """Raises FencedLeaderEpoch or UnknownLeaderEpoch if a client's view of the leader is not ours (KIP-320)."""
        current = self.leader_epoch
        if attempted in (-1, current):
            return
        if attempted < current:
            raise FencedLeaderEpoch(current, attempted)
        raise UnknownLeaderEpoch(current, attempted)

    def add_reader(self, reader: Reader) -> None:
        """`reader.wake` is called whenever there may be more to read, until it is removed."""
        self._readers = self._readers or set()
        self._readers.add(reader)

    def remove_reader(self, reader: Reader) -> None:
        """The reader waits no longer; one that never did is no error."""
        if self._readers is not None:
            self._readers.discard(reader)

    @property
    def reader_count(self) -> int:
        """How many wait for records."""
        return len(self._readers or ())

    def wake_readers(self) -> None:
        """Tells all who wait for records to look again."""
        for reader in list(self._readers or ()):
            reader.wake()


_LAZY: Final = ("_conversions", "_ending", "_readers", "_verifications", "_waiting")
"""What a partition makes at its first use."""


def _give_back(partition: Partition) -> None:
    for name in _LAZY:
        setattr(partition, name, getattr(partition, name) or None)
