"""One segment's share of a verification: its store is walked once, and every check sees each batch.

Lives here: the walk, and how a bad place is judged: as the opening judges it (the table in log/recovery.py). Must not live
here: what the checks know, and files that belong to no segment (verify.py).
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from cordwood.log.backend import FileKind
from cordwood.log.replay import marker_at
from cordwood.log.tools.chain import OffsetChain
from cordwood.log.tools.findings import Code, Findings, Level
from cordwood.log.tools.index_check import Durable, IndexCheck, IndexFile, TimeIndexCheck
from cordwood.log.tools.walk import StoreWalk, holds_batch, look_behind
from cordwood.model.errors import CorruptBatch, InvalidBatch
from cordwood.records.reader import decode_batch

if TYPE_CHECKING:
    from collections.abc import Callable

    from cordwood.env.disk import Disk, File
    from cordwood.log.tools.aborted_check import AbortedCheck
    from cordwood.log.tools.chain import Flaw
    from cordwood.log.tools.epoch_check import EpochCheck
    from cordwood.log.tools.files import LogFiles
    from cordwood.log.tools.producer_check import ProducerCheck
    from cordwood.log.tools.walk import BadPlace, Placed


class Options(NamedTuple):
    """How to verify."""

    decodes_records: bool = False
    """Also decompress and decode every record."""
    index_interval_bytes: int | None = None
    """The `index.interval.bytes` that the log was written with, if that is known."""
    progress: Callable[[int], None] | None = None
    """Told how many bytes of store were walked since the last time."""


@dataclass(slots=True)
class LogChecks:
    """What is followed from the first batch of a log to its last."""

    disk: Disk
    files: LogFiles
    findings: Findings
    chain: OffsetChain
    epochs: EpochCheck
    producers: ProducerCheck
    aborted: AbortedCheck
    options: Options
    recovery_point: int
    segments: int = 0
    batches: int = 0
    size_bytes: int = 0
    torn_at: int | None = None
    """The offset at which an opening would end the log, because a write there is not finished."""

    @property
    def end_offset(self) -> int:
        """Where the valid batches end."""
        return self.chain.end_offset if self.torn_at is None else self.torn_at


class SegmentCheck:
    """The verification of one segment."""

    def __init__(self, log: LogChecks, base_offset: int, following: int | None) -> None:
        """`following` is the base offset of the next segment."""
        self._log = log
        self._base = base_offset
        self._following = following
        self._path = log.files.path_of(base_offset, FileKind.STORE)
        is_settled = following is not None and following <= log.recovery_point
        self._durable = Durable(base_offset, is_settled, log.recovery_point)
        self._index: IndexCheck | None = None
        self._time_index: TimeIndexCheck | None = None
        self._held: Placed | None = None
        """A batch of which the next one tells whether its offset is right."""

    def run(self) -> None:
        """Walks over the store. Raises StorageFailed."""
        log = self._log
        with ExitStack() as stack:
            self._open_indexes(stack)
            log.aborted.begin(self._base)
            # The store comes after its indexes, which then say nothing of what is appended from here on.
            store = self._open(stack, self._path)
            size = store.size()
            self._tell_missing(size)
            log.chain.begin(self._base, self._following)
            end = self._walk(store, size)
            log.chain.end()
            self._take_flaws(store, size)
            self._release(None)
            self._end_indexes(end)
            log.aborted.end(is_compacted=log.chain.is_compacted)
        log.segments += 1

    # Indexes.

    def _open(self, stack: ExitStack, path: str) -> File:
        file = self._log.disk.open(path)
        stack.callback(file.close)
        return file

    def _open_indexes(self, stack: ExitStack) -> None:
        findings, files = self._log.findings, self._log.files
        opened = {}
        for kind in (FileKind.INDEX, FileKind.TIME_INDEX):
            if files.has(self._base, kind):
                file = self._open(stack, files.path_of(self._base, kind))
                opened[kind] = IndexFile(file.path, file, file.size())
        if FileKind.INDEX in opened:
            interval_bytes = self._log.options.index_interval_bytes
            self._index = IndexCheck(findings, opened[FileKind.INDEX], self._durable, interval_bytes)
        if FileKind.TIME_INDEX in opened:
            self._time_index = TimeIndexCheck(findings, opened[FileKind.TIME_INDEX], self._durable)

    def _tell_missing(self, size: int) -> None:
        log, durable = self._log, self._durable
        if not size or self._base >= durable.recovery_point:
            return
        level = Level.DAMAGE if durable.is_settled else Level.NOTE
        for kind, check in ((FileKind.INDEX, self._index), (FileKind.TIME_INDEX, self._time_index)):
            if check is None:
                path = log.files.path_of(self._base, kind)
                message = "there is none; it is rebuilt when it is needed"
                log.findings.add(Code.INDEX_MISSING, path, None, message, level=level, segment=self._base)

    def _end_indexes(self, position: int) -> None:
        end_offset = self._log.end_offset
        if self._following is not None and self._log.torn_at is None:
            end_offset = self._following
        if self._index is not None:
            self._index.end(position)
        if self._time_index is not None:
            self._time_index.end(end_offset, self._index.last_key if self._index is not None else self._base)

    def _skip_to(self, position: int) -> None:
        if self._index is not None:
            self._index.skip(position)
        if self._time_index is not None:
            self._time_index.skip()
        self._log.producers.skip()
        self._log.aborted.skip()

    # The store.

    def _walk(self, store: File, size: int) -> int:
        """Walks from batch to batch and over bad places; returns the position where the batches end."""
        start: int | None = 0
        position = 0
        while start is not None:
            walk = StoreWalk(store, start, size)
            for placed in walk:
                self._log.chain.batch(placed.position, placed.header)
                self._take_flaws(store, size)
                self._release(placed)
            position = walk.position
            start = None
            if walk.bad is not None:
                self._log.chain.broken()
                self._take_flaws(store, size)
                self._release(None)
                start = self._bad_place(store, size, walk.bad)
                position = size if self._log.torn_at is None else position
        return position

    def _release(self, placed: Placed | None) -> None:
        """Shows the checks the batch that was held back, and this one, unless its offset is in doubt."""
        held, self._held = self._held, placed
        if held is not None:
            self._batch(held)
        if placed is not None and not self._log.chain.is_in_doubt:
            self._held = None
            self._batch(placed)

    def _batch(self, placed: Placed) -> None:
        log = self._log
        position, header, batch = placed
        if self._index is not None:
            self._index.batch(position, header)
        if self._time_index is not None:
            self._time_index.batch(header)
        log.epochs.batch(self._path, self._base, position, header)
        log.producers.is_compacted = log.chain.is_compacted
        marker = marker_at(batch, header)
        aborted = log.producers.batch(header, marker)
        if header.is_control:
            log.aborted.marker(header, marker, aborted)
        if log.options.decodes_records:
            self._decode(placed)
        log.batches += 1
        log.size_bytes += header.size_bytes
        if log.options.progress is not None:
            log.options.progress(header.size_bytes)

    def _decode(self, placed: Placed) -> None:
        position, header, batch = placed
        try:
            flaw = _disorder([record.offset for record in decode_batch(batch, header)])
        except InvalidBatch as error:
            flaw = error.reason
        if flaw is not None:
            self._add(Code.RECORDS, position, flaw, offset=header.base_offset)

    # What is wrong with it.

    def _add(
        self, code: Code, position: int | None, message: str, *, offset: int | None = None, right: int | None = None
    ) -> None:
        findings = self._log.findings
        findings.add(code, self._path, position, message, segment=self._base, offset=offset, right=right)

    def _bad_place(self, store: File, size: int, bad: BadPlace) -> int | None:
        """Tells a bad place; returns where to go on, or None for the end of the file."""
        behind = look_behind(store, bad.position, size, self._base)
        offset = self._log.chain.end_offset
        if self._is_torn(offset, followed=behind.following is not None, missing=behind.bytes_are_missing):
            self._tear(offset, bad.position, size - bad.position, bad.error.reason)
            return None
        code = Code.CRC if isinstance(bad.error, CorruptBatch) else Code.BATCH
        message = bad.error.reason
        self._skip_to(behind.following or size)
        if behind.following is not None:
            message = f"{message}; the next valid batch begins at byte {behind.following}"
        self._add(code, bad.position, message, offset=offset)
        return behind.following

    def _take_flaws(self, store: File, size: int) -> None:
        for flaw in self._log.chain.take_flaws():
            position = size if flaw.position is None else flaw.position
            if flaw.code is Code.OFFSET and flaw.right is None and position < size:
                behind = look_behind(store, position, size, self._base)
                followed, missing = behind.following is not None, behind.bytes_are_missing
            else:
                # A gap in front of a file: the end of the file before it never reached the device.
                followed, missing = True, flaw.position is None
            if self._is_torn(flaw.offset, followed=followed, missing=missing):
                self._tear(flaw.offset, position, size - position, flaw.message)
                self._held = None
                self._skip_to(size)
            elif self._log.torn_at is None:
                self._add(flaw.code, flaw.position, flaw.message, offset=flaw.offset, right=flaw.right)
                self._correct(flaw)

    def _correct(self, flaw: Flaw) -> None:
        """The other checks see the batch with its right offset, or not at all."""
        held = self._held
        if flaw.code is not Code.OFFSET or held is None or held.position != flaw.position:
            return
        self._held = None
        if flaw.right is None:
            self._skip_to(held.position + held.header.size_bytes)
        else:
            self._batch(held._replace(header=replace(held.header, base_offset=flaw.right)))

    def _is_torn(self, offset: int, *, followed: bool, missing: bool) -> bool:
        """Whether an opening takes the bad place at `offset` for the end of a write that was never finished."""
        log = self._log
        if log.torn_at is not None or offset < log.recovery_point:
            return False
        return missing or not (followed or self._is_followed_by_segments())

    def _is_followed_by_segments(self) -> bool:
        """Whether any later segment holds a valid batch."""
        return any(self._holds_batch(later) for later in self._log.files.stores if later > self._base)

    def _holds_batch(self, base: int) -> bool:
        with ExitStack() as stack:
            return holds_batch(self._open(stack, self._log.files.path_of(base, FileKind.STORE)), base)

    def _tear(self, offset: int, position: int, rest: int, reason: str) -> None:
        self._log.torn_at = offset
        what = (
            f"the last {rest} bytes"
            if self._following is None
            else f"the last {rest} bytes and the segments behind them"
        )
        message = f"{what} are an unfinished write, which an opening cuts: {reason}"
        self._add(Code.UNFINISHED, position, message, offset=offset)


def _disorder(offsets: list[int]) -> str | None:
    pairs = ((before, after) for before, after in pairwise(offsets) if before >= after)
    return next((f"its records have offset {after} after {before}" for before, after in pairs), None)
