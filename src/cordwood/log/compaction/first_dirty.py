"""The checkpoint `compaction`: below which offset a log was compacted, so that a restart does not begin again.

Payload (docs/formats/checkpoints.md), little-endian:

      +-------------+
      | first dirty |
      +-------------+
       i64

Where it says too little, or nothing, what is clean is looked at once more. It may never say too much: a tombstone that
is dropped because it was clean for long enough would bring an older record back. So a truncation moves it before it
cuts, and a compaction moves it after its last swap.

Lives here: the number and its file. Must not live here: who may move it when (ends.py).
"""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING, Final

from cordwood.log import checkpoint
from cordwood.model.errors import CorruptLog

if TYPE_CHECKING:
    from cordwood.env.disk import Disk

COMPACTION: Final = checkpoint.Kind(b"CWcp", 1)
COMPACTION_NAME: Final = "compaction"

_PAYLOAD: Final = Struct("<q")


def load_first_dirty(disk: Disk, directory: str) -> int:
    """The first offset that was not compacted; 0 where nobody knows. Raises StorageFailed."""
    path = f"{directory}/{COMPACTION_NAME}"
    try:
        payload = checkpoint.load(disk, path, COMPACTION)
    except CorruptLog:
        return 0  # A compaction of all of it does no harm.
    return _PAYLOAD.unpack(payload)[0] if payload is not None and len(payload) == _PAYLOAD.size else 0


def store_first_dirty(disk: Disk, directory: str, offset: int) -> None:
    """Replaces the file, durably. Raises StorageFailed."""
    checkpoint.replace(disk, f"{directory}/{COMPACTION_NAME}", COMPACTION, _PAYLOAD.pack(offset))


def retreat_first_dirty(disk: Disk, directory: str, offset: int) -> None:
    """What begins at `offset` is about to be another log. Raises StorageFailed."""
    if load_first_dirty(disk, directory) > offset:
        store_first_dirty(disk, directory, offset)
