"""Repairing a log: what is wrong by its verification becomes a plan, and the plan is carried out.

| found                                                        | outcome                                                    |
|--------------------------------------------------------------|------------------------------------------------------------|
| a wrong base offset or leader epoch whose right value is certain | written into the batch; the CRC, which is right, does not cover it |
| an index that is wrong, short or missing                     | rebuilt from the store                                     |
| a file of aborted transactions that is wrong or missing      | made again from the batches                                |
| a snapshot that is wrong                                     | removed; the newest is made again from the batches         |
| `leader-epochs` wrong or missing                             | made again from the batches                                |
| `partition.meta` wrong or missing                            | made again; the log starts with its first file, and the topic id is none |
| the first files are lost                                     | the log starts with the first file that is there           |
| an index without a store, a damaged `compaction` or `.cordwood_clean` | removed                                           |
| bytes that are no batch, a wrong CRC, a gap, an end below the recovery point, a wrong offset or epoch that nobody knows better | a cut: everything from there on goes, valid or not |

The end of an unfinished append is left to the next opening. While a cut is wanted and not allowed, only indexes are
rebuilt: the rest depends on where the log ends.

Lives here: the plan. Must not live here: what is wrong (verify.py), the steps on the disk (mend.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct, field

from cordwood.log.backend import FileKind
from cordwood.log.tools.files import LogFiles
from cordwood.log.tools.findings import Code
from cordwood.log.tools.walk import StoreWalk, look_behind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cordwood.env.disk import Disk
    from cordwood.log.tools.findings import Finding, LogReport
    from cordwood.records.batch import BatchHeader

_INDEX_CODES: Final = frozenset(
    {
        Code.INDEX_MISSING,
        Code.INDEX_SIZE,
        Code.INDEX_ORDER,
        Code.INDEX_RANGE,
        Code.INDEX_ENTRY,
        Code.INDEX_SHORT,
    }
)
_ABORTED_CODES: Final = frozenset({Code.ABORTED, Code.ABORTED_MISSING, Code.ABORTED_ENTRY})
_SNAPSHOT_CODES: Final = frozenset({Code.SNAPSHOT, Code.SNAPSHOT_NAME, Code.SNAPSHOT_PRODUCER})
_EPOCHS_CODES: Final = frozenset({Code.EPOCHS, Code.EPOCHS_MISSING, Code.EPOCHS_DIFFER})
_META_CODES: Final = frozenset({Code.META, Code.META_MISSING, Code.START})
_REMOVE_CODES: Final = frozenset({Code.ORPHAN, Code.COMPACTION})
_CUT_CODES: Final = frozenset({Code.BATCH, Code.CRC, Code.GAP, Code.END})
_STAMP_CODES: Final = frozenset({Code.OFFSET, Code.EPOCH})
"""Also a cut where the right value is not known."""


class Cut(Struct, frozen=True, tag_field="type", tag="cut"):
    """Everything from a place on goes."""

    path: str
    """The store that is cut ..."""
    segment: int
    position: int
    """... at this byte."""
    reason: str
    offset: int
    """Where the log ends then."""
    end_offset: int
    """Offsets from `offset` up to here are lost."""
    size_bytes: int
    """Bytes of store that go ..."""
    removed: tuple[str, ...]
    """... among them these stores as a whole."""
    valid_batches: int
    """Whole and valid batches among what goes ..."""
    valid_bytes: int
    valid_start: int | None
    """... and the offsets that they reach from and to."""
    valid_end: int | None


class Stamp(Struct, frozen=True, tag_field="type", tag="stamp"):
    """A batch gets its right base offset, or leader epoch."""

    path: str
    position: int
    base_offset: int | None
    leader_epoch: int | None
    reason: str


class RebuildIndexes(Struct, frozen=True, tag_field="type", tag="rebuild-indexes"):
    """Both indexes of a segment are made again."""

    path: str
    segment: int
    reason: str


class Remove(Struct, frozen=True, tag_field="type", tag="remove"):
    """A file that only misleads goes."""

    path: str
    reason: str


class RebuildSnapshot(Struct, frozen=True, tag_field="type", tag="rebuild-snapshot"):
    """The snapshot of the producers at an offset is made again."""

    path: str
    offset: int


class RebuildAborted(Struct, frozen=True, tag_field="type", tag="rebuild-aborted-transactions"):
    """The file of the transactions that were aborted in a segment is made again."""

    path: str
    segment: int
    reason: str


class RebuildEpochs(Struct, frozen=True, tag_field="type", tag="rebuild-leader-epochs"):
    """`leader-epochs` is made again."""

    path: str
    reason: str


class RebuildMeta(Struct, frozen=True, tag_field="type", tag="rebuild-partition-meta"):
    """`partition.meta` is made again."""

    path: str
    start_offset: int
    keeps_topic_id: bool
    reason: str


Step: TypeAlias = Stamp | RebuildIndexes | Remove | RebuildSnapshot | RebuildAborted | RebuildEpochs | RebuildMeta


class Plan(Struct, tag_field="type", tag="plan"):
    """What repair would do to a log."""

    path: str
    cut: Cut | None = None
    steps: list[Step] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return self.cut is None and not self.steps


def plan_repair(disk: Disk, report: LogReport) -> Plan:
    """What to do about the damage in a report. Raises StorageFailed."""
    files = LogFiles.look(disk, report.path)
    damage = report.damage
    cut = _plan_cut(disk, files, report)
    if cut is not None:
        damage = [finding for finding in damage if _is_before(finding, cut)]
    plan = Plan(report.path, cut)
    plan.steps += _stamps(damage)
    for base, finding in _by_segment(damage, _INDEX_CODES):
        plan.steps.append(RebuildIndexes(finding.path, base, finding.message))
    removed = {
        finding.path: Remove(finding.path, finding.message)
        for finding in damage
        if finding.code in _REMOVE_CODES or finding.code in _SNAPSHOT_CODES
    }
    plan.steps += removed.values()
    if cut is None:  # Else they are made again with the cut.
        plan.steps += _checkpoints(files, report, damage)
    for base, finding in _by_segment(damage, _ABORTED_CODES):  # Behind the snapshots, which it begins with.
        plan.steps.append(RebuildAborted(finding.path, base, finding.message))
    for finding in damage:
        if finding.code in _META_CODES:
            keeps = finding.code is Code.START
            plan.steps.append(RebuildMeta(f"{report.path}/partition.meta", report.start_offset, keeps, finding.message))
    return plan


def _by_segment(damage: list[Finding], codes: frozenset[Code]) -> list[tuple[int, Finding]]:
    """A finding of these codes for each segment that has one."""
    found = {finding.segment: finding for finding in damage if finding.code in codes}
    return [(base, found[base]) for base in sorted(base for base in found if base is not None)]


def _stamps(damage: list[Finding]) -> Iterator[Stamp]:
    for finding in damage:
        if finding.code in _STAMP_CODES and finding.right is not None and finding.position is not None:
            is_offset = finding.code is Code.OFFSET
            base_offset, epoch = (finding.right, None) if is_offset else (None, finding.right)
            yield Stamp(finding.path, finding.position, base_offset, epoch, finding.message)


def _checkpoints(
    files: LogFiles, report: LogReport, damage: list[Finding]
) -> Iterator[RebuildSnapshot | RebuildEpochs]:
    if any(finding.code in _SNAPSHOT_CODES for finding in damage) and files.stores:
        offset = min(report.recovery_point, report.end_offset)
        yield RebuildSnapshot(files.path_of(offset, FileKind.SNAPSHOT), offset)
    for finding in damage:
        if finding.code in _EPOCHS_CODES:
            yield RebuildEpochs(finding.path, finding.message)


def _is_before(finding: Finding, cut: Cut) -> bool:
    """Whether what is damaged is still there after the cut."""
    if finding.segment is None:
        return True
    if finding.code in _SNAPSHOT_CODES:
        return finding.segment <= cut.offset
    if finding.code in _INDEX_CODES | _ABORTED_CODES:
        return finding.segment < cut.segment  # Those of the segment itself are made again with the cut.
    return (finding.segment, finding.position or 0) < (cut.segment, cut.position)


# The cut.


def _plan_cut(disk: Disk, files: LogFiles, report: LogReport) -> Cut | None:
    places = sorted(
        (_place(disk, files, finding), finding.message, -1 if finding.offset is None else finding.offset)
        for finding in report.damage
        if finding.code in _CUT_CODES or (finding.code in _STAMP_CODES and finding.right is None)
    )
    if not places:
        return None
    (segment, position), reason, offset = places[0]
    survey = _Survey(disk, files, segment, position)
    lost_end = max(survey.valid_end or offset, report.recovery_point, offset)
    path = files.path_of(segment, FileKind.STORE) if files.stores else files.path
    return Cut(
        path,
        segment,
        position,
        reason,
        offset,
        lost_end,
        survey.size_bytes,
        tuple(files.path_of(base, FileKind.STORE) for base in files.stores if base > segment),
        survey.valid_batches,
        survey.valid_bytes,
        survey.valid_start,
        survey.valid_end,
    )


def _place(disk: Disk, files: LogFiles, finding: Finding) -> tuple[int, int]:
    """The segment and the position where the log would have to end."""
    segment = finding.segment if finding.segment is not None else (files.stores[-1] if files.stores else 0)
    if finding.position is not None:
        return segment, finding.position
    # A gap behind the segment, or an end that is too early: what is there is valid up to its end.
    return segment, _size(disk, files.path_of(segment, FileKind.STORE)) if files.stores else 0


class _Survey:
    """What lies behind a place: in its file and in those after it."""

    def __init__(self, disk: Disk, files: LogFiles, segment: int, position: int) -> None:
        self.size_bytes = 0
        self.valid_batches = 0
        self.valid_bytes = 0
        self.valid_start: int | None = None
        self.valid_end: int | None = None
        for base in files.stores:
            if base >= segment:
                self._look(disk, files.path_of(base, FileKind.STORE), base, position if base == segment else 0)

    def _look(self, disk: Disk, path: str, base: int, position: int) -> None:
        file = disk.open(path)
        try:
            size = file.size()
            self.size_bytes += size - position
            start: int | None = position
            while start is not None:
                walk = StoreWalk(file, start, size)
                for _, header, _ in walk:
                    self._count(header)
                start = look_behind(file, walk.position, size, base).following if walk.bad is not None else None
        finally:
            file.close()

    def _count(self, header: BatchHeader) -> None:
        self.valid_batches += 1
        self.valid_bytes += header.size_bytes
        if self.valid_start is None:
            self.valid_start = header.base_offset
        self.valid_end = max(self.valid_end or 0, header.next_offset)


def _size(disk: Disk, path: str) -> int:
    file = disk.open(path)
    try:
        return file.size()
    finally:
        file.close()
