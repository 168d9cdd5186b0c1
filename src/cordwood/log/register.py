"""The register of logs: what each log of a program was when it last rested, in one file, so that a start opens none of them.

`.cordwood_logs` in the first data directory, a checkpoint (checkpoint.py, docs/formats/checkpoints.md), little-endian:

      +-------+  then each directory:  +--------+------+  then each log:  +-----------+--------+-------+---------+
      | count |                        | length | path |                  | directory | length | topic | numbers |
      +-------+                        +--------+------+                  +-----------+--------+-------+---------+
        u32                              u16                                u16         u16              84 bytes

      numbers: partition i32 · topic id 16 bytes · start offset, end offset, size, active segment's base and size, oldest
      segment's size and time of its newest record: i64 each · segments u32 · flags u32 (1: so it rests)

It is written when the program stops, and now and then before. A row counts for a log whose files are what it says
(`is_as_registered`): then nothing was written since, by this program or another, and nothing has to be scanned.

A log that had records when it was registered, and whose directory is gone, was lost: no new one takes its place unseen.
That is why logs that do not rest have a row, too. Without the register, or if it is damaged, all logs are opened.

Lives here: that. Must not live here: what is done about logs that are opened or lost (registration.py).
"""

from __future__ import annotations

from struct import Struct, error
from typing import TYPE_CHECKING, Final, NamedTuple

from cordwood.log import checkpoint
from cordwood.log.at_rest import AtRest
from cordwood.log.backend import NAME_DIGITS, FileKind
from cordwood.log.compaction.first_dirty import COMPACTION_NAME
from cordwood.log.meta import META_NAME, PartitionMeta
from cordwood.log.recovery import EPOCHS_NAME
from cordwood.model.errors import CorruptLog, StorageFailed
from cordwood.model.ids import TopicPartition

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cordwood.env.disk import Disk

REGISTER: Final = checkpoint.Kind(b"CWlr", 1)
REGISTER_NAME: Final = ".cordwood_logs"

_COUNT: Final = Struct("<I")
_LENGTH: Final = Struct("<H")
_PLACE: Final = Struct("<HH")
_NUMBERS: Final = Struct("<i16sqqqqqqqII")
_RESTS: Final = 1

_PLAIN_KINDS: Final = frozenset({FileKind.INDEX, FileKind.TIME_INDEX, FileKind.ABORTED, FileKind.SNAPSHOT})
_PLAIN_NAMES: Final = frozenset({META_NAME, EPOCHS_NAME, COMPACTION_NAME})
"""What may lie beside stores; anything else tells of something that was under way, or of doubt."""


class Row(NamedTuple):
    """A log as it was registered."""

    directory: str
    """The data directory that it lay in."""
    facts: AtRest
    rests: bool = True
    """Whether that is all there is to know of it; else it was awake, and had at least so many records."""


def encode_register(rows: Mapping[TopicPartition, Row]) -> bytes:
    """The payload of the file."""
    directories = {
        directory: place for place, directory in enumerate(dict.fromkeys(row.directory for row in rows.values()))
    }
    parts = [_COUNT.pack(len(directories))]
    for path in map(str.encode, directories):
        parts += (_LENGTH.pack(len(path)), path)
    for name, row in rows.items():
        topic, facts = name.topic.encode(), row.facts
        parts += (_PLACE.pack(directories[row.directory], len(topic)), topic)
        numbers = facts.start_offset, facts.end_offset, facts.size_bytes, facts.active_base, facts.active_bytes
        oldest = facts.oldest_bytes, facts.oldest_ms, facts.segment_count
        parts.append(_NUMBERS.pack(name.partition, facts.topic_id, *numbers, *oldest, _RESTS if row.rests else 0))
    return b"".join(parts)


def decode_register(payload: bytes, path: str) -> dict[TopicPartition, Row]:
    """The rows of a file. Raises CorruptLog, which names `path`."""
    try:
        directories, at = _directories(payload)
        rows = {}
        while at < len(payload):
            place, length = _PLACE.unpack_from(payload, at)
            at += _PLACE.size
            topic = payload[at : at + length].decode()
            partition, *numbers, flags = _NUMBERS.unpack_from(payload, at + length)
            at += length + _NUMBERS.size
            facts = _facts(*numbers)
            rows[TopicPartition(topic, partition)] = Row(directories[place], facts, bool(flags & _RESTS))
    except (ValueError, IndexError, error) as cause:
        raise CorruptLog(path, 0, f"the register cannot be read: {cause}") from cause
    return rows


def _directories(payload: bytes) -> tuple[list[str], int]:
    (count,) = _COUNT.unpack_from(payload)
    at, directories = _COUNT.size, []
    for _ in range(count):
        (length,) = _LENGTH.unpack_from(payload, at)
        at += _LENGTH.size
        directories.append(payload[at : at + length].decode())
        at += length
    return directories, at


def _facts(
    topic_id: bytes,
    start: int,
    end: int,
    size: int,
    active_base: int,
    active_bytes: int,
    oldest_bytes: int,
    oldest_ms: int,
    segments: int,
) -> AtRest:
    return AtRest(topic_id, start, end, size, segments, active_base, active_bytes, oldest_bytes, oldest_ms)


def load_register(disk: Disk, directory: str) -> dict[TopicPartition, Row]:
    """The rows, or none when there is no file that can be read: then every log is opened."""
    path = f"{directory}/{REGISTER_NAME}"
    try:
        payload = checkpoint.load(disk, path, REGISTER)
        return {} if payload is None else decode_register(payload, path)
    except (CorruptLog, StorageFailed):
        return {}


def store_register(disk: Disk, directory: str, payload: bytes) -> None:
    """Replaces the file, durably. Raises StorageFailed."""
    checkpoint.replace(disk, f"{directory}/{REGISTER_NAME}", REGISTER, payload)


def is_as_registered(disk: Disk, path: str, facts: AtRest) -> bool:
    """Whether the log at `path` still is what the register says, as far as its files' names and sizes tell.

    The recovery point is the end it had: what was synced then is trusted, and a store that has the same size and no
    successor has got nothing since, or has lost it again.
    """
    try:
        return _is_plain(disk.list(path), facts) and _is_same(disk, path, facts)
    except (CorruptLog, StorageFailed):
        return False  # Opening it tells what is wrong.


def _is_plain(names: Iterable[str], facts: AtRest) -> bool:
    bases = []
    for name in names:
        stem, dot, suffix = name.partition(".")
        kind = dot + suffix if len(stem) == NAME_DIGITS and stem.isdecimal() else None
        if kind == FileKind.STORE:
            bases.append(int(stem))
        elif kind not in _PLAIN_KINDS and name not in _PLAIN_NAMES:
            return False
    return len(bases) == facts.segment_count and max(bases) == facts.active_base


def _is_same(disk: Disk, path: str, facts: AtRest) -> bool:
    meta = PartitionMeta.load(disk, path)
    if meta is None:
        meta = PartitionMeta()
    known = meta.topic_id, meta.start_offset, meta.recovery_point
    if known != (facts.topic_id, facts.start_offset, facts.end_offset):
        return False
    file = disk.open(f"{path}/{facts.active_base:0{NAME_DIGITS}d}{FileKind.STORE}")
    try:
        return file.size() == facts.active_bytes
    finally:
        file.close()
