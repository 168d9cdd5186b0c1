"""What verification finds, as values: a code for programs, a sentence for people, and the place.

Lives here: the codes with their meaning, and the report of one log. Must not live here: who finds what (the checks beside
this module), and what is done about it (repair.py).

A finding is damage when no crash and no running broker leaves such files; all else worth a word is a note.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from msgspec import Struct, field

FINDINGS_LIMIT: Final = 20
"""So many findings of one code are told for each file; the rest are counted, since a file of rubbish has no end of them."""


class Level(StrEnum):
    """How much a finding matters."""

    DAMAGE = "damage"
    NOTE = "note"


class Code(StrEnum):
    """What was found."""

    # In a store.
    BATCH = "batch"
    """Bytes that are no batch: magic, length or counts are impossible, or the end is missing."""
    CRC = "crc"
    """A batch whose CRC does not match its bytes."""
    OFFSET = "offset"
    """A batch whose offset does not follow those before it, or lies outside of its file."""
    GAP = "gap"
    """Offsets that are missing though compaction did not take them: a file or a part of one is lost."""
    EPOCH = "epoch"
    """A batch whose leader epoch does not fit those around it, or what `leader-epochs` says."""
    RECORDS = "records"
    """A batch whose CRC is right but whose records cannot be read."""
    END = "end"
    """The log ends below its recovery point: something that was on the device is gone."""
    START = "start"
    """The log begins above its start offset: the beginning is gone."""
    UNFINISHED = "unfinished"
    """The end of an append that is under way, or was when the process died. Opening cuts it."""
    EMPTY_SEGMENT = "empty-segment"
    """A segment behind others is empty: a rotation is, or was, under way. Opening removes it."""
    # In an index, or a time index.
    INDEX_MISSING = "index-missing"
    INDEX_SIZE = "index-size"
    """The file is not a whole number of entries."""
    INDEX_ORDER = "index-order"
    INDEX_RANGE = "index-range"
    """An entry points outside of its segment."""
    INDEX_ENTRY = "index-entry"
    """An entry points to a place where no such batch begins, or tells a wrong timestamp."""
    INDEX_SHORT = "index-short"
    """Entries are missing."""
    ABORTED = "aborted"
    """A file of aborted transactions that cannot be read."""
    ABORTED_MISSING = "aborted-missing"
    """A marker aborts a transaction that the file does not have, or there is no file."""
    ABORTED_ENTRY = "aborted-entry"
    """A row of the file tells of a transaction what the batches do not."""
    ORPHAN = "orphan"
    """An index without a store."""
    # In the other files.
    SNAPSHOT = "snapshot"
    """A snapshot that cannot be read."""
    SNAPSHOT_NAME = "snapshot-name"
    """A snapshot of another offset than its name says."""
    SNAPSHOT_PRODUCER = "snapshot-producer"
    """A snapshot that says of a producer what the batches do not."""
    SNAPSHOT_BEYOND = "snapshot-beyond"
    """A snapshot beyond the end of the log. Opening removes it."""
    EPOCHS = "leader-epochs"
    """`leader-epochs` cannot be read, or its epochs are not in order."""
    EPOCHS_MISSING = "leader-epochs-missing"
    EPOCHS_DIFFER = "leader-epochs-differ"
    """`leader-epochs` says of many batches what they do not say themselves."""
    META = "meta"
    """`partition.meta` cannot be read."""
    META_MISSING = "meta-missing"
    COMPACTION = "compaction"
    """`compaction` cannot be read: all of the log will be compacted again."""
    MARKER = "clean-marker"
    """`.cordwood_clean` cannot be read."""
    LEFTOVER = "leftover"
    """Files, or a log, that were removed or half replaced; the broker or the next opening takes them away."""
    STRANGER = "stranger"
    """A file that no log makes."""
    SYNC_FAILED = "sync-failed"
    """A sync failed since the machine started: what is read here may not be on the device. Opening writes it again."""


NOTES: Final = frozenset(
    {
        Code.UNFINISHED,
        Code.EMPTY_SEGMENT,
        Code.SNAPSHOT_BEYOND,
        Code.LEFTOVER,
        Code.STRANGER,
        Code.SYNC_FAILED,
    }
)
"""What is never damage."""

STORE_CODES: Final = frozenset({Code.BATCH, Code.CRC, Code.OFFSET, Code.GAP})
"""Damage of a store that ends the log there, or opens a gap in it."""


class Finding(Struct, frozen=True, tag_field="type", tag="finding", omit_defaults=True):
    """One thing that verification found."""

    level: Level
    code: Code
    path: str
    position: int | None
    """The byte in the file, or None where it is about the file as a whole."""
    message: str
    segment: int | None = None
    """The base offset of the segment that the file belongs to, or the offset in a snapshot's name."""
    offset: int | None = None
    """The first offset that it is about."""
    right: int | None = None
    """The value that fits, where the place itself tells it."""


class LogReport(Struct, tag_field="type", tag="log"):
    """What verification saw of one log."""

    path: str
    start_offset: int = 0
    end_offset: int = 0
    """The end of the valid batches."""
    recovery_point: int = 0
    """Everything below it was on the device. Without a `partition.meta` the newest snapshot tells."""
    segments: int = 0
    batches: int = 0
    size_bytes: int = 0
    """Of valid batches."""
    findings: list[Finding] = field(default_factory=list)

    @property
    def damage(self) -> list[Finding]:
        """The findings that are damage."""
        return [finding for finding in self.findings if finding.level is Level.DAMAGE]


class Findings:
    """Takes what the checks find. Of one code and file only the first few are kept, and the rest counted."""

    def __init__(self) -> None:
        self._findings: list[Finding] = []
        self._counts: dict[tuple[Level, Code, str], int] = {}

    def add(
        self,
        code: Code,
        path: str,
        position: int | None,
        message: str,
        *,
        level: Level | None = None,
        segment: int | None = None,
        offset: int | None = None,
        right: int | None = None,
    ) -> None:
        """Notes a finding; its level is the code's own unless the caller knows better."""
        level = level or (Level.NOTE if code in NOTES else Level.DAMAGE)
        key = level, code, path
        self._counts[key] = count = self._counts.get(key, 0) + 1
        if count <= FINDINGS_LIMIT:
            self._findings.append(Finding(level, code, path, position, message, segment, offset, right))

    def has(self, codes: frozenset[Code]) -> bool:
        """Whether damage of one of these codes was found so far."""
        return any(level is Level.DAMAGE and code in codes for level, code, _ in self._counts)

    def all(self) -> list[Finding]:
        """The findings in the order in which they were made, with a last one for each file that has more of a kind."""
        rest = [
            Finding(level, code, path, None, f"and {count - FINDINGS_LIMIT} more of this kind in this file")
            for (level, code, path), count in self._counts.items()
            if count > FINDINGS_LIMIT
        ]
        return self._findings + rest
