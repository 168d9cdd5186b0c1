"""Compacts one log.

      measure ─> checkpoint the log, if what is to be compacted is not below its recovery point, or else sync it
              ─> round:  fill the offset map from the dirty part, up to its end or until the map is full
                         for each run of segments below there, oldest first:  copy what stays ─> swap
                         remember how far the log is clean
              ─> next round, until nothing is dirty

The order matters: whatever ends a round early, no run was swapped before those to its left, so a tombstone gets its
delete horizon, and later goes, only where all older records of its key have gone. And what is clean is remembered after
the last swap of a round.

Lives here: that sequence. Must not live here: threads, the choice among logs (schedule.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from cordwood.log.compaction.cleaner import RunCleaner
from cordwood.log.compaction.config import CompactionConfig
from cordwood.log.compaction.filtering import Filter
from cordwood.log.compaction.first_dirty import load_first_dirty
from cordwood.log.compaction.mapping import fill
from cordwood.log.compaction.merging import groups
from cordwood.log.compaction.outcomes import Outcomes
from cordwood.log.compaction.pace import CompactionStopped
from cordwood.log.compaction.plan import DirtyState, measure
from cordwood.model.errors import CorruptLog, LogClosed, StorageFailed

if TYPE_CHECKING:
    from cordwood.log.compaction.tools import Tools
    from cordwood.log.log import Log
    from cordwood.log.segment import Segment

_DEFAULTS: Final = CompactionConfig()


class CompactionResult(NamedTuple):
    """What one compaction did."""

    first_dirty: int
    """Everything below is clean now."""
    rounds: int
    records: int
    """How many were looked at, in all rounds."""
    records_kept: int
    segments_replaced: int
    segments_made: int
    bytes_before: int
    """The size of the replaced segments."""
    bytes_after: int


class Compactor:
    """Compacts one log. One thread uses it, beside those that append and read."""

    def __init__(self, log: Log, tools: Tools, config: CompactionConfig = _DEFAULTS) -> None:
        self.log = log
        self.config = config
        self._tools = tools
        self._truncations = log.truncations
        self._first_dirty = load_first_dirty(tools.disk, log.path)

    def __repr__(self) -> str:
        return f"<Compactor {self.log.path} clean below {self._first_dirty}>"

    def reconfigure(self, config: CompactionConfig) -> None:
        """Takes effect with the next `measure` or `compact`."""
        self.config = config

    @property
    def first_dirty(self) -> int:
        """Everything below it was compacted. Raises StorageFailed."""
        log = self.log
        if self._truncations != log.truncations:
            self._truncations = log.truncations
            self._first_dirty = load_first_dirty(self._tools.disk, log.path)
        if self._first_dirty > log.end_offset:
            self._first_dirty = 0
        return max(self._first_dirty, log.segments[0].base_offset)

    @property
    def rests_clean(self) -> bool:
        """Whether the log is at rest and has nothing to compact, whatever time may bring. Does not wake it."""
        rest = self.log.at_rest
        if rest is None or self._truncations != self.log.truncations:
            return False
        return rest.segment_count == 1 or self._first_dirty >= rest.active_base

    def measure(self, now_ms: int, upto: int | None = None) -> DirtyState:
        """How much there is to compact below `upto` (all there is), the last stable offset or the like.

        Nothing from the first open transaction on is compacted, whatever `upto` says.

        Raises CorruptLog, StorageFailed.
        """
        first_dirty = self.first_dirty
        end = self.log.end_offset if upto is None else upto
        undecided = self.log.first_undecided_offset()
        end = end if undecided is None else min(end, undecided)
        return measure(self.log.segments, first_dirty, end, self.config, now_ms)

    def compact(self, now_ms: int, upto: int | None = None) -> CompactionResult:
        """Compacts everything that is dirty below `upto`, whatever the ratio.

        Raises CorruptLog when a batch cannot be read, DiskFull and StorageFailed, LogClosed, and CompactionStopped when
        it was asked to stop or the log was cut meanwhile. What was swapped in before stays.
        """
        log = self.log
        began = self._tools.clock.monotonic()
        try:
            with log.kept_awake():
                state = self.measure(now_ms, upto)
                self._make_durable(state)
                return self._compact(state, now_ms)
        except StorageFailed as error:
            if log.is_closed:
                raise LogClosed(log.path) from error
            raise
        except CorruptLog as error:
            if log.truncations != self._truncations:
                raise CompactionStopped from error  # It was read while it was cut.
            raise
        finally:
            self._tools.offset_map.clear(self._tools.pace.rest)
            self._tools.progress.seconds += self._tools.clock.monotonic() - began

    def _make_durable(self, state: DirtyState) -> None:
        """What a record is removed for must outlive a power failure: the newer records, and the ends of transactions.

        Those may lie in the active segment, which under `interval` and `os` nobody else has synced yet.
        """
        if self.log.recovery_point < state.limit:
            self.log.checkpoint()
        elif state.first_dirty < state.limit:
            self.log.sync()

    def _compact(self, state: DirtyState, now_ms: int) -> CompactionResult:
        result = CompactionResult(state.first_dirty, 0, 0, 0, 0, 0, 0, 0)
        while result.first_dirty < state.limit:
            result = self._round(result, state.limit, now_ms)
        return result

    def _round(self, result: CompactionResult, limit: int, now_ms: int) -> CompactionResult:
        tools, log = self._tools, self.log
        start = result.first_dirty
        segments = [segment for segment in log.segments[:-1] if segment.next_offset <= limit]
        dirty = [segment for segment in segments if segment.next_offset > start]
        tools.offset_map.clear(tools.pace.rest)
        tools.progress.rounds += 1
        outcomes = Outcomes(log.aborted_between(log.segments[0].base_offset, limit))
        end = fill(tools, dirty, start, outcomes.is_aborted)
        sieve = self._filter(end, now_ms, outcomes)
        for group in groups([segment for segment in segments if segment.base_offset < end], log.config):
            result = self._replace(result, group, sieve, outcomes)
        if not log.note_compacted(end, truncations=self._truncations):
            raise CompactionStopped
        self._first_dirty = end
        tools.progress.records += sieve.records
        tools.progress.records_kept += sieve.records_kept
        return result._replace(
            first_dirty=end,
            rounds=result.rounds + 1,
            records=result.records + sieve.records,
            records_kept=result.records_kept + sieve.records_kept,
        )

    def _filter(self, end: int, now_ms: int, outcomes: Outcomes) -> Filter:
        producers = dict(self.log.producers)
        return Filter(
            self._tools.offset_map,
            end,
            now_ms=now_ms,
            delete_retention_ms=self.config.delete_retention_ms,
            last_offsets={id_: one.batches[-1].last_offset for id_, one in producers.items() if one.batches},
            last_epochs={id_: one.epoch for id_, one in producers.items() if not one.batches},
            outcomes=outcomes,
            limit_bytes=self._tools.config.decompressed_limit_bytes,
            breathe=self._tools.pace.breathe,
        )

    def _replace(
        self, result: CompactionResult, group: tuple[Segment, ...], sieve: Filter, outcomes: Outcomes
    ) -> CompactionResult:
        """Compacts one run of segments."""
        cleaner = RunCleaner(self._tools, self.log, group)
        if not cleaner.clean(sieve, outcomes):
            return result
        try:
            replaced = self.log.exchange(group, truncations=self._truncations, aborted=cleaner.aborted)
        except LogClosed:
            cleaner.discard()
            raise
        if replaced is None:
            # The log was cut at one of its ends. To leave this run as it is and go on would break the order.
            cleaner.discard()
            raise CompactionStopped
        self._tools.progress.segments_replaced += len(group)
        self._tools.progress.segments_made += 1
        return result._replace(
            segments_replaced=result.segments_replaced + len(group),
            segments_made=result.segments_made + 1,
            bytes_before=result.bytes_before + sum(segment.size_bytes for segment in group),
            bytes_after=result.bytes_after + replaced.size_bytes,
        )
