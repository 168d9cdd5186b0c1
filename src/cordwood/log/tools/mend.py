"""Repairing a log: verify, plan, carry out, until there is nothing left to do.

| step of a cut                                                | if the process dies or the power fails here                |
|--------------------------------------------------------------|------------------------------------------------------------|
| 1. `compaction` and `partition.meta` point below the new end | nothing was cut                                            |
| 2. the stores behind are removed, last first                 | the damage is still there: repair does the rest            |
| 3. the store is cut, its indexes removed                     | the log ends there; opening makes the rest again           |
| 4. indexes, `leader-epochs`, aborted transactions and a snapshot are made again | the same                                                   |
| 5. `partition.meta`: the recovery point is the new end       | the log as it is wanted                                    |

Every other step replaces one file, or writes twelve bytes at most that no CRC covers; done twice it does no harm.

Lives here: the steps on the disk, and who must own it. Must not live here: what is to be done (repair.py).
"""

from __future__ import annotations

from bisect import bisect_right
from struct import Struct
from typing import TYPE_CHECKING, Final, NamedTuple

from cordwood.log import checkpoint
from cordwood.log.aborted import store_aborted
from cordwood.log.backend import SEGMENT_KINDS, DirectoryBackend, FileKind
from cordwood.log.bounds import remove_snapshots
from cordwood.log.compaction.first_dirty import retreat_first_dirty
from cordwood.log.compaction.swap import recover_swaps
from cordwood.log.epochs import EPOCHS, EpochCache
from cordwood.log.meta import META_NAME, PartitionMeta
from cordwood.log.recovery import EPOCHS_NAME
from cordwood.log.replay import find_aborted_of, rebuild_producers
from cordwood.log.segment import Segment
from cordwood.log.segments import Segments
from cordwood.log.snapshots import SNAPSHOT, encode_snapshot
from cordwood.log.tools.files import is_data_directory, names_in
from cordwood.log.tools.findings import Level
from cordwood.log.tools.repair import (
    Cut,
    Plan,
    RebuildAborted,
    RebuildEpochs,
    RebuildIndexes,
    RebuildMeta,
    RebuildSnapshot,
    Remove,
    Stamp,
    plan_repair,
)
from cordwood.log.tools.verify import verify_directory, verify_log
from cordwood.log.tools.walk import StoreWalk
from cordwood.model.errors import CorruptLog
from cordwood.model.ids import NO_TOPIC_ID
from cordwood.model.limits import INDEX_INTERVAL_BYTES
from cordwood.records.batch import LENGTH_OVERHEAD

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cordwood.env.clock import Clock
    from cordwood.env.disk import Disk
    from cordwood.log.tools.findings import LogReport
    from cordwood.log.tools.repair import Step
    from cordwood.log.tools.segment_check import Options

_BASE_OFFSET: Final = Struct(">q")
_LEADER_EPOCH: Final = Struct(">i")


ROUNDS: Final = 4
"""Damage may hide other damage, so a repaired log is looked at again; more often it is not worth it."""


class Repair(NamedTuple):
    """What was done to a log."""

    plans: tuple[Plan, ...]
    """What was planned, round by round; without `may_cut` a cut in it was not made."""
    before: LogReport
    after: LogReport


def owner_of(disk: Disk, path: str) -> str:
    """The directory whose lock guards the log at `path`: the data directory that it lies in, or its own."""
    parent = path.rpartition("/")[0] or "."
    return parent if is_data_directory(names_in(disk, parent) or []) else path


def repair_log(disk: Disk, clock: Clock, path: str, options: Options, *, may_cut: bool, dry: bool = False) -> Repair:
    """Repairs the log in the directory `path`, which the caller owns; `dry` only plans. Raises StorageFailed."""
    before = report = verify_log(disk, path, options)
    plans: list[Plan] = []
    while len(plans) < ROUNDS:
        plan = plan_repair(disk, report)
        if plan.is_empty or plan in plans:
            break
        plans.append(plan)
        if dry:
            break
        mending = _Mending(disk, clock, report, options.index_interval_bytes or INDEX_INTERVAL_BYTES)
        _carry_out(mending, plan, may_cut=may_cut)
        report = verify_log(disk, path, options)
        if plan.cut is not None and not may_cut:
            break
    return Repair(tuple(plans), before, report)


def repair_directory(disk: Disk, directory: str, *, dry: bool = False) -> list[Remove]:
    """Removes what is damaged in a data directory beside its logs; the caller owns it. Raises StorageFailed."""
    findings = verify_directory(disk, directory)
    steps = [Remove(finding.path, finding.message) for finding in findings if finding.level is Level.DAMAGE]
    for step in steps if not dry else ():
        disk.unlink(step.path)
        disk.sync_directory(directory)
    return steps


def _carry_out(mending: _Mending, plan: Plan, *, may_cut: bool) -> None:
    """Does what the plan says; without `may_cut`, and with a cut in it, only what does not depend on the cut."""
    mending.finish_swaps()
    if plan.cut is not None and not may_cut:
        for step in plan.steps:
            if isinstance(step, RebuildIndexes):
                mending.step(step)
    else:
        stamps = [step for step in plan.steps if isinstance(step, Stamp)]
        for step in stamps:
            mending.step(step)
        if plan.cut is not None:
            mending.cut(plan.cut)
        for step in plan.steps:
            if step not in stamps:
                mending.step(step)
    mending.clean()


class _Mending:
    """The repair of one log."""

    def __init__(self, disk: Disk, clock: Clock, report: LogReport, index_interval_bytes: int) -> None:
        self._disk = disk
        self._clock = clock
        self._path = report.path
        self._end_offset = report.end_offset
        self._recovery_point = report.recovery_point
        self._interval_bytes = index_interval_bytes
        self._backend = DirectoryBackend(disk, report.path)

    def step(self, step: Step) -> None:
        """Does one step."""
        match step:
            case Stamp():
                self._stamp(step)
            case RebuildIndexes(segment=base):
                self._rebuild_indexes(base)
            case Remove(path=path):
                self._disk.rename(path, f"{path}.0.deleted")
            case RebuildSnapshot(offset=offset):
                self._rebuild_snapshot(offset)
            case RebuildAborted(segment=base):
                self._rebuild_aborted([base])
            case RebuildEpochs():
                self._rebuild_epochs()
            case RebuildMeta():
                self._rebuild_meta(step)

    def finish_swaps(self) -> None:
        """Compactions that were decided are finished, as an opening does it first of all."""
        recover_swaps(self._disk, self._backend)

    def clean(self) -> None:
        """What was done is durable, and what was removed frees its room."""
        self._backend.sync()
        self._backend.clean()

    def cut(self, cut: Cut) -> None:
        """Ends the log at the cut."""
        meta = self._meta()
        self._end_offset = end = max(cut.offset, meta.start_offset)
        restarts = cut.offset < meta.start_offset
        retreat_first_dirty(self._disk, self._path, cut.offset)
        trusted = min(meta.recovery_point, cut.offset)
        meta.cut_at(cut.offset).store(self._disk, self._path)
        # Also the indexes of those whose store is lost.
        doomed = {base for kind in SEGMENT_KINDS for base in self._backend.list(kind) if base > cut.segment or restarts}
        for base in sorted(doomed, reverse=True):
            self._remove_segment(base)
        if not restarts:
            self._cut_store(cut)
        remove_snapshots(self._backend, above=end)
        self._backend.sync()
        self._rebuild_epochs()
        if self._bases():
            self._rebuild_snapshot(end)
            # What was not trusted before is trusted from now on, and with it every row.
            bases = self._bases()
            self._rebuild_aborted(bases[max(bisect_right(bases, trusted) - 1, 0) :])
        self._meta()._replace(recovery_point=end).store(self._disk, self._path)
        self._recovery_point = end

    def _cut_store(self, cut: Cut) -> None:
        bases = self._bases()
        if not bases:
            return
        if cut.position == 0 and bases[0] != cut.segment:
            self._remove_segment(cut.segment)  # An opening would remove an empty segment behind another.
            return
        self._remove_indexes(cut.segment)
        store = self._backend.open(cut.segment, FileKind.STORE)
        try:
            if store.size() > cut.position:
                store.truncate(cut.position)
            store.datasync()
        finally:
            store.close()
        if cut.position:
            self._rebuild_indexes(cut.segment)

    # Segments.

    def _bases(self) -> list[int]:
        return self._backend.list(FileKind.STORE)

    def _remove_segment(self, base: int) -> None:
        for kind in SEGMENT_KINDS:
            self._backend.remove(base, kind)

    def _remove_indexes(self, base: int) -> None:
        for kind in (FileKind.INDEX, FileKind.TIME_INDEX):
            self._backend.remove(base, kind)

    def _segments(self) -> list[Segment]:
        """The segments as they are; the last one up to the end of its valid batches."""
        bases = self._bases()
        # Behind an unfinished write may be more segments, which an opening removes.
        bases = [base for base in bases if base < self._end_offset] or bases[:1]
        now = self._clock.now_ms()
        segments = [
            Segment.sealed(self._backend, base, following, self._interval_bytes, created_ms=now)
            for base, following in zip(bases, [*bases[1:], bases[-1]], strict=True)
        ]
        last = segments[-1]
        next_offset = last.base_offset
        walk = StoreWalk(last.store.file, 0, last.store.size_bytes)
        for _, header, _ in walk:
            next_offset = header.next_offset
        last.tail = next_offset, walk.position
        return segments

    def _rebuild_indexes(self, base: int) -> None:
        segments = self._segments()
        try:
            segment = next(segment for segment in segments if segment.base_offset == base)
            self._remove_indexes(base)
            segment.write_indexes()
            segment.sync_indexes()
        finally:
            _close(segments)

    # The other files.

    def _stamp(self, stamp: Stamp) -> None:
        file = self._disk.open(stamp.path)
        try:
            if stamp.base_offset is not None:
                file.write([_BASE_OFFSET.pack(stamp.base_offset)], stamp.position)
            if stamp.leader_epoch is not None:
                file.write([_LEADER_EPOCH.pack(stamp.leader_epoch)], stamp.position + LENGTH_OVERHEAD)
            file.datasync()
        finally:
            file.close()

    def _rebuild_snapshot(self, offset: int) -> None:
        segments = self._segments()
        try:
            now = self._clock.now_ms()
            table = rebuild_producers(self._disk, self._backend, Segments(tuple(segments)), offset, now)
        finally:
            _close(segments)
        path = self._backend.path_of(offset, FileKind.SNAPSHOT)
        checkpoint.replace(self._disk, path, SNAPSHOT, encode_snapshot(table, offset))

    def _rebuild_aborted(self, bases: Sequence[int]) -> None:
        """The files of some segments. `partition.meta` names them when they are there."""
        aborting = set(self._meta().aborting) - set(bases)
        segments = self._segments()
        try:
            for base in bases:
                rows = find_aborted_of(self._disk, self._backend, Segments(tuple(segments)), base)
                if rows:
                    store_aborted(self._disk, self._backend.path_of(base, FileKind.ABORTED), rows)
                    aborting.add(base)
                else:
                    self._backend.remove(base, FileKind.ABORTED)
        finally:
            _close(segments)
        if self._disk.exists(f"{self._path}/{META_NAME}"):
            self._meta()._replace(aborting=tuple(sorted(aborting))).store(self._disk, self._path)

    def _rebuild_epochs(self) -> None:
        cache = EpochCache()
        segments = self._segments() if self._bases() else []
        try:
            for segment in segments:
                for _, header in segment.store.headers(0, segment.size_bytes):
                    cache.assign(header.leader_epoch, header.base_offset)
        finally:
            _close(segments)
        cache.truncate_before(self._meta().start_offset)
        checkpoint.replace(self._disk, f"{self._path}/{EPOCHS_NAME}", EPOCHS, cache.encode())

    def _rebuild_meta(self, step: RebuildMeta) -> None:
        topic_id = self._meta().topic_id if step.keeps_topic_id else NO_TOPIC_ID
        recovery_point = max(min(self._recovery_point, self._end_offset), step.start_offset)
        aborting = tuple(self._backend.list(FileKind.ABORTED))
        PartitionMeta(topic_id, step.start_offset, recovery_point, aborting).store(self._disk, self._path)

    def _meta(self) -> PartitionMeta:
        """What `partition.meta` says, or what can be said without it."""
        try:
            meta = PartitionMeta.load(self._disk, self._path)
        except CorruptLog:
            meta = None
        bases = self._bases()
        return meta or PartitionMeta(start_offset=bases[0] if bases else 0)


def _close(segments: list[Segment]) -> None:
    for segment in segments:
        segment.close()
