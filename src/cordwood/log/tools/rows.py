"""What a dump shows, as values: the same for people and for programs. In JSON each says its `type`.

Bytes of users (keys, values, values of headers) are text where they are valid UTF-8, else base64 under another name.

Lives here: the rows. Must not live here: reading files (dump.py), how a row is printed (cli).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

if TYPE_CHECKING:
    from cordwood.log.tools.files import Content
    from cordwood.records.batch import BatchHeader


class FileRow(Struct, frozen=True, tag_field="type", tag="file"):
    """A file begins; the rows up to the next one are of it."""

    path: str
    content: Content
    size_bytes: int


class BatchRow(Struct, frozen=True, tag_field="type", tag="batch"):
    """A whole batch, whose CRC is right."""

    position: int
    size_bytes: int
    base_offset: int
    last_offset: int
    records: int
    codec: str
    leader_epoch: int
    timestamp_type: str
    base_timestamp: int
    max_timestamp: int
    producer_id: int
    producer_epoch: int
    base_sequence: int
    last_sequence: int
    is_transactional: bool
    is_control: bool
    has_delete_horizon: bool
    crc: int

    @classmethod
    def of(cls, position: int, header: BatchHeader) -> BatchRow:
        """The row of a batch."""
        return cls(
            position,
            header.size_bytes,
            header.base_offset,
            header.last_offset,
            header.record_count,
            header.codec.name.lower(),
            header.leader_epoch,
            "append" if header.is_log_append_time else "create",
            header.base_timestamp,
            header.max_timestamp,
            header.producer_id,
            header.producer_epoch,
            header.base_sequence,
            header.last_sequence,
            header.is_transactional,
            header.is_control,
            header.has_delete_horizon,
            header.crc,
        )


class HeaderField(Struct, frozen=True, omit_defaults=True):
    """A header of a record. Without a value at all, the value is null."""

    name: str
    value: str | None = None
    value_base64: bytes | None = None


class RecordRow(Struct, frozen=True, tag_field="type", tag="record", omit_defaults=True):
    """A record. Without a key or a value at all, that is null."""

    offset: int
    timestamp: int
    key: str | None = None
    key_base64: bytes | None = None
    value: str | None = None
    value_base64: bytes | None = None
    headers: tuple[HeaderField, ...] = ()


class MarkerRow(Struct, frozen=True, tag_field="type", tag="marker"):
    """The record of a control batch: the end of a transaction, or of a type that ends none."""

    offset: int
    timestamp: int
    marker: str
    coordinator_epoch: int


class DamageRow(Struct, frozen=True, tag_field="type", tag="damage"):
    """Bytes that are not what they should be, with what the dump goes on at."""

    position: int
    reason: str
    following: int | None = None


class UnfinishedRow(Struct, frozen=True, tag_field="type", tag="unfinished"):
    """Bytes at the end of a store that are no batch, or not yet one."""

    position: int
    size_bytes: int
    reason: str


class IndexEntryRow(Struct, frozen=True, tag_field="type", tag="index-entry"):
    """An entry of an offset index."""

    offset: int
    position: int


class TimeIndexEntryRow(Struct, frozen=True, tag_field="type", tag="time-index-entry"):
    """An entry of a time index: no record below `offset` has a later timestamp."""

    timestamp: int
    offset: int


class AbortedRow(Struct, frozen=True, tag_field="type", tag="aborted-transaction"):
    """A transaction that a marker in the segment, the last offset, aborted."""

    producer_id: int
    first_offset: int
    last_offset: int
    last_stable_offset: int


class SnapshotRow(Struct, frozen=True, tag_field="type", tag="snapshot"):
    """A snapshot of producers; a row for each of them follows."""

    offset: int
    producers: int


class ProducedRow(Struct, frozen=True):
    """A batch that a snapshot remembers of a producer."""

    base_sequence: int
    last_sequence: int
    base_offset: int
    last_offset: int
    timestamp: int


class ProducerRow(Struct, frozen=True, tag_field="type", tag="producer", omit_defaults=True):
    """A producer in a snapshot, with its last batches."""

    producer_id: int
    epoch: int
    last_append: int
    batches: tuple[ProducedRow, ...]
    transaction_start: int = -1
    """The first offset of its open transaction; -1 without one."""
    coordinator_epoch: int = -1
    """Of its last marker; -1 before the first."""


class EpochRow(Struct, frozen=True, tag_field="type", tag="leader-epoch"):
    """A leader epoch, and the offset at which it begins."""

    epoch: int
    start_offset: int


class MetaRow(Struct, frozen=True, tag_field="type", tag="partition-meta", omit_defaults=True):
    """What `partition.meta` says. The topic id is in hexadecimal."""

    topic_id: str
    start_offset: int
    recovery_point: int
    aborting: tuple[int, ...] = ()
    """The base offsets of the segments that have a file of aborted transactions."""


class CompactionRow(Struct, frozen=True, tag_field="type", tag="compaction"):
    """What `compaction` says: below which offset the log was compacted."""

    first_dirty: int


Row: TypeAlias = (
    FileRow
    | BatchRow
    | RecordRow
    | MarkerRow
    | DamageRow
    | UnfinishedRow
    | IndexEntryRow
    | TimeIndexEntryRow
    | AbortedRow
    | SnapshotRow
    | ProducerRow
    | EpochRow
    | MetaRow
    | CompactionRow
)
