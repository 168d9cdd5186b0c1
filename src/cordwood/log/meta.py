"""`partition.meta`: what a log remembers of itself beside its records.

Payload of the checkpoint (docs/formats/checkpoints.md), little-endian:

      +----------+--------------+----------------+
      | topic id | start offset | recovery point |
      +----------+--------------+----------------+
       16 bytes    i64            i64

- start offset: records below it were deleted, though their segment may still be there.
- recovery point: everything below it, indexes included, was on the device when this was written. Opening trusts that
  part and scans the rest; damage below it is never a torn write.

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

META: Final = checkpoint.Kind(b"CWpm", 1)
META_NAME: Final = "partition.meta"

_PAYLOAD: Final = Struct("<16sqq")


class PartitionMeta(NamedTuple):
    """The contents of `partition.meta`."""

    topic_id: bytes = NO_TOPIC_ID
    start_offset: int = 0
    recovery_point: int = 0

    def store(self, disk: Disk, directory: str) -> None:
        """Replaces the file, durably."""
        checkpoint.replace(disk, f"{directory}/{META_NAME}", META, _PAYLOAD.pack(*self))

    @classmethod
    def load(cls, disk: Disk, directory: str) -> PartitionMeta | None:
        """What the file says, or None when there is none. Raises CorruptLog."""
        path = f"{directory}/{META_NAME}"
        payload = checkpoint.load(disk, path, META)
        if payload is None:
            return None
        if len(payload) != _PAYLOAD.size:
            raise CorruptLog(path, 0, f"its payload has {len(payload)} bytes where {_PAYLOAD.size} are expected")
        return cls(*_PAYLOAD.unpack(payload))
