"""`partition.meta`: what a log remembers of itself beside its records.

Payload of the checkpoint (docs/formats/checkpoints.md), little-endian:

      +----------+--------------+----------------+  then, up to the end:  +-------------+
      | topic id | start offset | recovery point |                        | base offset |
      +----------+--------------+----------------+                        +-------------+
       16 bytes    i64            i64                                       i64

- start offset: records below it were deleted, though their segment may still be there.
- recovery point: everything below it, indexes included, was on the device when this was written. Opening trusts that
  part and scans the rest; damage below it is never a torn write.
- base offsets: the segments that have a `.txnidx`, so that one that is lost is missed. Version 1 has none of them.

Lives here: the value and its bytes. Must not live here: when it changes.
"""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING, Final, NamedTuple

from cordwood.log import checkpoint
from cordwood.model.errors import CorruptLog
from cordwood.model.ids import NO_TOPIC_ID

if TYPE_CHECKING:
    from cordwood.env.disk import Disk

META: Final = checkpoint.Kind(b"CWpm", 2)
META_NAME: Final = "partition.meta"

_PAYLOAD: Final = Struct("<16sqq")
_BASE: Final = Struct("<q")


class PartitionMeta(NamedTuple):
    """The contents of `partition.meta`."""

    topic_id: bytes = NO_TOPIC_ID
    start_offset: int = 0
    recovery_point: int = 0
    aborting: tuple[int, ...] = ()
    """The base offsets of the segments that have a file of aborted transactions, when this was written.

    A segment that compaction merged since stands for all whose bases it holds."""

    def cut_at(self, end: int) -> PartitionMeta:
        """The log is about to end there, or its opening to trust no more than what lies below."""
        recovery_point = min(self.recovery_point, end)
        return self._replace(
            recovery_point=recovery_point, aborting=tuple(base for base in self.aborting if base < recovery_point)
        )

    def store(self, disk: Disk, directory: str, *, syncs_name: bool = True) -> None:
        """Replaces the file, durably; without `syncs_name` when the caller has synced the directory."""
        payload = _PAYLOAD.pack(self.topic_id, self.start_offset, self.recovery_point)
        bases = b"".join(map(_BASE.pack, self.aborting))
        checkpoint.replace(disk, f"{directory}/{META_NAME}", META, payload + bases, syncs_name=syncs_name)

    @classmethod
    def load(cls, disk: Disk, directory: str) -> PartitionMeta | None:
        """What the file says, or None when there is none. Raises CorruptLog."""
        path = f"{directory}/{META_NAME}"
        loaded = checkpoint.load_any(disk, path, META)
        return None if loaded is None else _decode(loaded.payload, loaded.version, path)


def _decode(payload: bytes, version: int, path: str) -> PartitionMeta:
    bases = payload[_PAYLOAD.size :]
    if len(payload) < _PAYLOAD.size or len(bases) % _BASE.size or (bases and version == 1):
        raise CorruptLog(path, 0, f"its payload has {len(payload)} bytes, which version {version} cannot have")
    topic_id, start_offset, recovery_point = _PAYLOAD.unpack_from(payload)
    aborting = tuple(base for (base,) in _BASE.iter_unpack(bases))
    return PartitionMeta(topic_id, start_offset, recovery_point, aborting)
