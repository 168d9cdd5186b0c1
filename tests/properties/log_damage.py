"""Bits that rot in the files of a closed log: what is noticed, by whom, and what makes the log whole again.

Lives here: damage to a `ModelledLog`, and what must come of it. Must not live here: which byte it hits.
"""

from __future__ import annotations

from typing import NamedTuple

from cordwood.log.tools.findings import LogReport
from cordwood.log.tools.mend import repair_log
from cordwood.log.tools.verify import Options, verify_log
from cordwood.log.tools.walk import StoreWalk
from cordwood.model.errors import CorruptLog, InvalidBatch
from cordwood.records.batch import BatchHeader
from cordwood.sim.disk import SimDisk
from cordwood.sim.found import look
from tests.properties.modelled_log import ModelledLog

REBUILT = (".idx", ".timeidx", ".snapshot", ".txnidx")
"""Files that hold nothing which the stores do not."""
BASE_OFFSET = range(8)
LEADER_EPOCH = range(12, 16)
"""Bytes of a batch that brokers write and no CRC covers."""


class Spot(NamedTuple):
    """One byte of one file."""

    path: str
    position: int


def files_of(subject: ModelledLog, suffixes: tuple[str, ...]) -> list[str]:
    """The paths of the log's files of some kinds that are not empty."""
    names = [name for name in subject.disk.list(subject.path) if name.endswith(suffixes)]
    return [path for name in names if size_of(subject, path := f"{subject.path}/{name}")]


def size_of(subject: ModelledLog, path: str) -> int:
    """Bytes in a file."""
    file = subject.disk.open(path)
    try:
        return file.size()
    finally:
        file.close()


def flip(subject: ModelledLog, spot: Spot, bits: int) -> None:
    """Other bits for the byte there; done twice it undoes itself."""
    file = subject.disk.open(spot.path)
    try:
        (byte,) = file.read(1, spot.position)
        file.write([bytes([byte ^ bits])], spot.position)
        file.datasync()
    finally:
        file.close()


def verified(subject: ModelledLog) -> LogReport:
    """What `cordwood log verify` says."""
    return verify_log(subject.disk, subject.path, options_of(subject))


def options_of(subject: ModelledLog) -> Options:
    """All that can be checked."""
    return Options(decodes_records=True, index_interval_bytes=subject.config.index_interval_bytes)


def rot_what_can_be_rebuilt(subject: ModelledLog, spot: Spot, bits: int, *, is_opened: bool) -> None:
    """A closed log whose index or snapshot is damaged: verification finds it, opening loses nothing, repair rebuilds it.

    The last entry of an index may have been torn by a power failure: then it is only noted, and restored here. A time
    entry says "below this offset": in a gap that compaction left any offset says the same.
    """
    flip(subject, spot, bits)
    report = verified(subject)
    is_certain = not (subject.model.is_compacted and spot.path.endswith(".timeidx")) and not is_leftover(subject, spot)
    is_found = spot.path in {finding.path for finding in report.findings}
    assert is_found or not is_certain, f"{spot} is not found: {report.findings}"
    # Of the index of the active segment only the end is looked at when it is opened: repair is what rebuilds it.
    newest = max(name for name in subject.disk.list(subject.path) if name.endswith(".log"))
    is_active = spot.path == f"{subject.path}/{newest}".removesuffix(".log") + ".idx"
    if spot.path not in {finding.path for finding in report.damage}:
        flip(subject, spot, bits)
    elif is_opened and not is_active:
        subject.open()
        assert list(subject.log.read()) == subject.model.records
        for batch in subject.model.batches:
            for record in batch.records[-1:]:
                assert record.offset < subject.model.start or next(subject.log.read(record.offset)) == record
        subject.ask_for_senders()
        subject.close()
    repaired = repair_log(subject.disk, subject.clock, subject.path, options_of(subject), may_cut=False)
    assert not repaired.after.damage, (repaired.before.findings, repaired.plans, repaired.after.damage)
    subject.open()
    subject.audit()
    subject.ask_for_senders()


def lose_what_was_aborted(subject: ModelledLog, *, is_opened: bool) -> None:
    """A closed log whose files of aborted transactions are lost: verification says so, and who opens it makes them again."""
    lost = files_of(subject, (".txnidx",))
    for path in lost:
        subject.disk.unlink(path)
    subject.disk.sync_directory(subject.path)
    damage = verified(subject).damage
    assert {finding.code.value for finding in damage} <= {"aborted-missing"}
    if not is_opened:
        repaired = repair_log(subject.disk, subject.clock, subject.path, options_of(subject), may_cut=False)
        assert not repaired.after.damage, (repaired.before.findings, repaired.plans, repaired.after.damage)
    subject.open()
    subject.audit()


def is_leftover(subject: ModelledLog, spot: Spot) -> bool:
    """Whether the file is an index of an empty segment, which an opening removes."""
    store = spot.path.rpartition(".")[0] + ".log"
    return not spot.path.endswith(".snapshot") and store not in files_of(subject, (".log",))


def batch_around(subject: ModelledLog, spot: Spot) -> tuple[int, BatchHeader]:
    """The batch of a sound store that a byte lies in, and its position."""
    file = subject.disk.open(spot.path)
    try:
        for position, header, _ in StoreWalk(file, 0, file.size()):
            if position <= spot.position < position + header.size_bytes:
                return position, header
    finally:
        file.close()
    raise AssertionError(f"{spot} is outside of all batches")


def rot_store(subject: ModelledLog, spot: Spot, bits: int, *, is_cut: bool) -> None:
    """A closed log with a damaged batch: it is told, never passed over; then it is restored, or repair cuts it."""
    position, header = batch_around(subject, spot)
    field = spot.position - position
    flip(subject, spot, bits)
    damage = verified(subject).damage
    is_read = header.record_count > 0 and header.next_offset > subject.model.start
    # Neighbours tell a wrong epoch or offset, but not always: where compaction left a gap, more than one offset fits.
    is_certain = field not in LEADER_EPOCH and not (field in BASE_OFFSET and subject.model.is_compacted)
    if is_certain:
        assert damage, f"byte {field} of the batch {header} is wrong, and nobody says so"
    if is_read and is_certain and field not in BASE_OFFSET:
        assert is_told(subject), f"byte {field} of the batch {header} is wrong, and readers are not told"
    if is_cut and is_certain and is_read:
        cut(subject, header)
    else:
        flip(subject, spot, bits)
        subject.open()
        subject.audit()


def cut(subject: ModelledLog, header: BatchHeader) -> None:
    """Repair takes the damaged batch away and all behind it, unless it can put it right; and says so."""
    repaired = repair_log(subject.disk, subject.clock, subject.path, options_of(subject), may_cut=True)
    assert not repaired.after.damage, (repaired.before.findings, repaired.plans, repaired.after.damage)
    lost = repaired.plans[0].cut
    if lost is not None:
        # Before a gap that compaction left, the log ends where the gap begins.
        assert lost.offset == header.base_offset or (subject.model.is_compacted and lost.offset < header.base_offset)
        assert lost.end_offset >= subject.model.end, "it says what is lost"
        kept = tuple(batch for batch in subject.model.batches if batch.next_offset <= header.base_offset)
        subject.allowed = subject.allowed.cut_at(subject.model.boundary(max(subject.model.start, header.base_offset)))
        subject.allowed = subject.allowed._replace(batches=kept)
    subject.recover(power_failed=False)


def is_told(subject: ModelledLog) -> bool:
    """Whether somebody who reads all of the log learns that it is damaged; what is read before is right."""
    if not isinstance(subject.disk, SimDisk):
        return True  # Opening may write: only a disk that can be forked is looked at.
    twin = subject.twin(subject.disk.fork())
    try:
        twin.open()
        look(twin.log)
    except (CorruptLog, InvalidBatch):
        return True
    return False
