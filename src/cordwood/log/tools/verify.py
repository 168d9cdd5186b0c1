"""Verifying a log: every byte of its files against everything else that is known about it.

One walk over the stores feeds all checks: whether each batch is whole (walk.py), its offset (chain.py) and leader epoch
(epoch_check.py) follow, the indexes (index_check.py), snapshots (producer_check.py) and aborted transactions (aborted_check.py) agree. Only what no crash and no
running broker leaves is called damage; the end of an append that is under way is not.

A log that is in use changes under the walk: retention, truncation and compaction replace files. If damage was found and
the files changed meanwhile, it is done once more.

Lives here: the small files, and the log as a whole. Must not live here: segments (segment_check.py), repair.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from cordwood.log import checkpoint
from cordwood.log.backend import DOUBT_NAME, FileKind
from cordwood.log.compaction.first_dirty import COMPACTION, COMPACTION_NAME, load_first_dirty
from cordwood.log.entries import DELETED_SUFFIX, MOVING_SUFFIX, STRAY_SUFFIX
from cordwood.log.epochs import EPOCHS, EpochCache
from cordwood.log.manager import CLEAN, CLEAN_MARKER
from cordwood.log.meta import META_NAME, PartitionMeta
from cordwood.log.recovery import EPOCHS_NAME
from cordwood.log.snapshots import load_snapshot
from cordwood.log.tools.aborted_check import AbortedCheck
from cordwood.log.tools.chain import OffsetChain
from cordwood.log.tools.epoch_check import EpochCheck
from cordwood.log.tools.files import LogFiles, names_in
from cordwood.log.tools.findings import STORE_CODES, Code, Finding, Findings, Level, LogReport
from cordwood.log.tools.producer_check import ProducerCheck
from cordwood.log.tools.segment_check import LogChecks, Options, SegmentCheck
from cordwood.model.errors import CorruptLog, StorageFailed

if TYPE_CHECKING:
    from cordwood.env.disk import Disk

__all__ = ["Options", "verify_directory", "verify_log"]

ATTEMPTS: Final = 5
"""How often a log that changes meanwhile is looked at."""

_DEFAULTS: Final = Options()


def verify_log(disk: Disk, path: str, options: Options = _DEFAULTS) -> LogReport:
    """Verifies the log in the directory `path`. Raises StorageFailed."""
    for _ in range(ATTEMPTS - 1):
        before = _state(disk, path)
        try:
            report = _verify(disk, path, options)
        except StorageFailed:
            if _state(disk, path) == before:
                raise
            continue  # A file went away under the walk.
        if not report.damage or _state(disk, path) == before:
            return report
    return _verify(disk, path, options)


def verify_directory(disk: Disk, directory: str) -> list[Finding]:
    """Verifies what a data directory has beside its logs. Raises StorageFailed."""
    findings = Findings()
    path = f"{directory}/{CLEAN_MARKER}"
    try:
        checkpoint.load(disk, path, CLEAN)
    except CorruptLog as error:
        findings.add(Code.MARKER, path, error.position, error.reason)
    for name in names_in(disk, directory) or []:
        if name.startswith(".") and name.endswith(DELETED_SUFFIX):
            findings.add(Code.LEFTOVER, f"{directory}/{name}", None, "a log that was deleted; the broker removes it")
        if name.startswith(".") and name.endswith(MOVING_SUFFIX):
            findings.add(
                Code.LEFTOVER, f"{directory}/{name}", None, "a copy that was not finished; the broker removes it"
            )
        if name.startswith(".") and name.endswith(STRAY_SUFFIX):
            findings.add(Code.STRANGER, f"{directory}/{name}", None, "a log that was set aside; nobody reads it")
    return findings.all()


def _state(disk: Disk, path: str) -> object:
    """What changes when files of a log are replaced, cut or removed, and not when it is appended to."""
    files = LogFiles.look(disk, path)
    try:
        sizes = [_size(disk, files.path_of(base, FileKind.STORE)) for base in files.stores[:-1]]
        meta = PartitionMeta.load(disk, path)
    except (CorruptLog, StorageFailed) as error:
        return str(error)
    names = {name for name in files.names if not name.endswith(checkpoint.NEW_SUFFIX)}
    return names, sizes, meta


def _size(disk: Disk, path: str) -> int:
    file = disk.open(path)
    try:
        return file.size()
    finally:
        file.close()


def _verify(disk: Disk, path: str, options: Options) -> LogReport:
    """Looks at all of a log once."""
    findings = Findings()
    files = LogFiles.look(disk, path)
    _tell_names(files, findings)
    meta = _load_meta(disk, files, findings)
    epochs = _load_epochs(disk, files, findings)
    clean_below = _check_compaction(disk, files, findings)
    entries = () if epochs is None else epochs.entries
    # Without a `partition.meta` at least the epochs tell below which offset nobody asks for them.
    start = meta.start_offset if meta is not None else 0
    epochs_start = start if meta is not None or not entries else entries[0][1]
    recovery_point = _newest_snapshot(disk, files) if meta is None else meta.recovery_point
    first = files.stores[0] if files.stores else start
    log = LogChecks(
        disk,
        files,
        findings,
        OffsetChain(clean_below),
        EpochCheck(findings, epochs, f"{path}/{EPOCHS_NAME}", epochs_start, recovery_point),
        ProducerCheck(findings, disk, files, first),
        # Without a `partition.meta` an opening reads all markers.
        AbortedCheck(findings, disk, files, first, 0 if meta is None else recovery_point),
        options,
        recovery_point,
    )
    used = _used(disk, files, findings)
    for base, following in zip(used, [*used[1:], None], strict=False):
        if log.torn_at is None:
            SegmentCheck(log, base, following).run()
    end = log.end_offset if files.stores else start
    log.epochs.end()
    log.producers.end(end, recovery_point)
    _check_bounds(log, meta, end)
    return LogReport(
        path,
        max(start, first),
        end,
        recovery_point,
        log.segments,
        log.batches,
        log.size_bytes,
        findings.all(),
    )


def _used(disk: Disk, files: LogFiles, findings: Findings) -> list[int]:
    """The stores that an opening would use: an empty one that is not the first is a rotation that was under way."""
    used = list(files.stores[:1])
    for base in files.stores[1:]:
        path = files.path_of(base, FileKind.STORE)
        if _size(disk, path):
            used.append(base)
        else:
            findings.add(Code.EMPTY_SEGMENT, path, None, "an opening removes it", segment=base)
    return used


def _newest_snapshot(disk: Disk, files: LogFiles) -> int:
    """Up to where the log was once on the device, if `partition.meta` does not tell: snapshots are written after a sync."""
    for offset in reversed(files.offsets[FileKind.SNAPSHOT]):
        path = files.path_of(offset, FileKind.SNAPSHOT)
        try:
            loaded = load_snapshot(disk, path)
            if loaded is not None and loaded[1] == offset:
                return offset
        except CorruptLog:
            continue  # It is told with the snapshots.
    return 0


def _load_meta(disk: Disk, files: LogFiles, findings: Findings) -> PartitionMeta | None:
    try:
        return PartitionMeta.load(disk, files.path)
    except CorruptLog as error:
        findings.add(Code.META, error.path, error.position, error.reason)
        return None


def _load_epochs(disk: Disk, files: LogFiles, findings: Findings) -> EpochCache | None:
    path = f"{files.path}/{EPOCHS_NAME}"
    try:
        payload = checkpoint.load(disk, path, EPOCHS)
        cache = None if payload is None else EpochCache.decode(payload, path)
    except CorruptLog as error:
        findings.add(Code.EPOCHS, path, error.position, error.reason)
        return None
    entries = () if cache is None else cache.entries
    for before, after in pairwise(entries):
        if before[0] >= after[0] or before[1] >= after[1]:
            message = f"epoch {after[0]} from offset {after[1]} on comes after epoch {before[0]} from {before[1]} on"
            findings.add(Code.EPOCHS, path, None, message)
            return None
    return cache


def _check_compaction(disk: Disk, files: LogFiles, findings: Findings) -> int:
    """Below which offset the log was compacted."""
    try:
        checkpoint.load(disk, f"{files.path}/{COMPACTION_NAME}", COMPACTION)
    except CorruptLog as error:
        findings.add(Code.COMPACTION, error.path, error.position, error.reason)
    return load_first_dirty(disk, files.path)


def _tell_names(files: LogFiles, findings: Findings) -> None:
    if files.leftovers:
        first, *others = files.leftovers
        more = f", and {len(others)} more" if others else ""
        message = f"{first}{more}: removed or half replaced; the broker or an opening takes it away"
        findings.add(Code.LEFTOVER, files.path, None, message)
    for name in files.strangers:
        findings.add(Code.STRANGER, f"{files.path}/{name}", None, "no log makes such a file")
    if DOUBT_NAME in files.names:
        message = "a sync failed: what is read may not be on the device before the log is opened again"
        findings.add(Code.SYNC_FAILED, f"{files.path}/{DOUBT_NAME}", None, message)
    for kind in (FileKind.INDEX, FileKind.TIME_INDEX, FileKind.ABORTED):
        for base in files.offsets[kind]:
            if base not in files.stores:
                _tell_orphan(files, findings, base, kind)


def _tell_orphan(files: LogFiles, findings: Findings, base: int, kind: FileKind) -> None:
    """A removal that a crash interrupted leaves indexes at the ends of the log, but none between its stores."""
    stores = files.stores
    is_inside = bool(stores) and stores[0] < base < stores[-1]
    level = Level.DAMAGE if is_inside else Level.NOTE
    findings.add(Code.ORPHAN, files.path_of(base, kind), None, "it has no store", level=level, segment=base)


def _check_bounds(log: LogChecks, meta: PartitionMeta | None, end: int) -> None:
    files, add = log.files, log.findings.add
    if meta is not None:
        first = files.stores[0] if files.stores else meta.start_offset
        if first > meta.start_offset:
            message = f"offsets {meta.start_offset} to {first - 1} are missing: the first file begins at {first}"
            path = files.path_of(first, FileKind.STORE)
            add(Code.START, path, None, message, segment=first, offset=meta.start_offset, right=first)
        if end < meta.recovery_point and not log.findings.has(STORE_CODES):
            base = files.stores[-1] if files.stores else None
            path = files.path if base is None else files.path_of(base, FileKind.STORE)
            message = f"the log ends at offset {end}, but everything below {meta.recovery_point} was on the device"
            add(Code.END, path, None, message, segment=base, offset=end)
    elif not files.has_meta and log.batches:
        _tell_missing_meta(log)
    if files.has_meta and not files.has_epochs and log.epochs.has_epochs:
        message = "there is none, though batches below the recovery point carry leader epochs"
        add(Code.EPOCHS_MISSING, f"{files.path}/{EPOCHS_NAME}", None, message)


def _tell_missing_meta(log: LogChecks) -> None:
    """A log has no `partition.meta` before its first checkpoint, unless its beginning was removed."""
    files = log.files
    is_closed = CLEAN_MARKER in (names_in(log.disk, files.path.rpartition("/")[0]) or [])
    level = Level.DAMAGE if is_closed or files.stores[0] else Level.NOTE
    if level is Level.NOTE and not (files.has_epochs or files.offsets[FileKind.SNAPSHOT]):
        return  # A checkpoint begins with those: there was none.
    message = "there is none: start offset, recovery point and topic id are lost, or were never written"
    log.findings.add(Code.META_MISSING, f"{files.path}/{META_NAME}", None, message, level=level)
