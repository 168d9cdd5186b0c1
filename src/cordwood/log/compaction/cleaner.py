"""Copies a run of neighbouring segments into one, without the records that go.

Lives here: the copy, up to the files of step 1 in swap.py. Must not live here: which records go (filtering.py), the swap.

A lone segment of which nothing goes is not copied: only when the first batch changes, what was passed is copied first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cordwood.log.aborted import store_aborted
from cordwood.log.backend import FileKind
from cordwood.log.compaction.source import stored_batches
from cordwood.log.compaction.swap import CleanedFiles, Run
from cordwood.log.compaction.writer import CleanedSegment
from cordwood.model.errors import CorruptLog, InvalidBatch, StorageFailed
from cordwood.records.batch import parse_header

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cordwood.log.aborted import AbortedTransaction
    from cordwood.log.compaction.filtering import Filter
    from cordwood.log.compaction.outcomes import Outcomes
    from cordwood.log.compaction.source import StoredBatch
    from cordwood.log.compaction.tools import Tools
    from cordwood.log.log import Log
    from cordwood.log.segment import Segment


class RunCleaner:
    """Makes the segment that is to take the place of a run."""

    __slots__ = ("_files", "_group", "_interval_bytes", "_log", "_tools", "_writer", "aborted", "run")

    def __init__(self, tools: Tools, log: Log, group: tuple[Segment, ...]) -> None:
        self.run = Run(group[0].base_offset, group[-1].next_offset)
        self.aborted: Sequence[AbortedTransaction] = ()
        """The aborted transactions of the run of which something is left."""
        self._log = log
        self._group = group
        self._tools = tools
        self._files = CleanedFiles(tools.disk, log.path, self.run)
        self._interval_bytes = log.config.index_interval_bytes
        self._writer: CleanedSegment | None = None

    def clean(self, sieve: Filter, outcomes: Outcomes) -> bool:
        """Writes the files that are to be swapped in; False if the segments can stay as they are.

        Raises CorruptLog, StorageFailed, CompactionStopped, and then has left nothing behind.
        """
        try:
            if len(self._group) > 1:
                self._begin()
            for segment in self._group:
                self._clean(segment, sieve)
            if self._writer is None:
                return False
            self._writer.finish()
            self._store_aborted(outcomes)
        except BaseException:  # Whatever it was, half a copy is of no use to anybody.
            self.discard()
            raise
        self._tools.progress.bytes_written += self._writer.size_bytes
        return True

    def discard(self) -> None:
        """Removes what was written."""
        writer, self._writer = self._writer, None
        if writer is not None:
            try:
                writer.discard()
            except StorageFailed:
                return  # The leftovers go at the next opening.

    def _store_aborted(self, outcomes: Outcomes) -> None:
        """The run's segments have a file each, or none; the new one has one if any of them has, to take its place."""
        rows = self._log.aborted_of(segment.base_offset for segment in self._group)
        if rows is not None:
            self.aborted = [row for row in rows if row.last_offset not in outcomes.hollow]
            store_aborted(self._tools.disk, self._files.path_of(self.run.start, FileKind.ABORTED), self.aborted)

    def _begin(self) -> CleanedSegment:
        tools = self._tools
        writer = CleanedSegment(self._files, self.run, self._interval_bytes, tools.config.io_buffer_bytes, tools.pace)
        self._writer = writer
        return writer

    def _clean(self, segment: Segment, sieve: Filter) -> None:
        is_last_segment = segment is self._group[-1]
        size_bytes = segment.size_bytes
        for stored in self._stored(segment, size_bytes):
            header, view = stored.header, stored.view
            self._tools.progress.bytes_read += header.size_bytes
            is_last = is_last_segment and stored.position + header.size_bytes == size_bytes
            try:
                batch = sieve.apply(header, view, is_last=is_last)
            except InvalidBatch as error:
                raise CorruptLog(segment.path, stored.position, error.reason) from error
            if batch is not view:
                writer = self._writer or self._begin_behind(segment, stored.position)
                if batch:
                    writer.add(batch, parse_header(batch))
            elif self._writer is not None:
                self._writer.add(view, header)

    def _begin_behind(self, segment: Segment, end: int) -> CleanedSegment:
        """Begins with a copy of the batches below `end`, of which all stays."""
        writer = self._begin()
        for stored in self._stored(segment, end):
            writer.add(stored.view, stored.header)
        return writer

    def _stored(self, segment: Segment, end: int) -> Iterator[StoredBatch]:
        tools = self._tools
        return stored_batches(segment.store, 0, end, tools.config.io_buffer_bytes, tools.pace)
