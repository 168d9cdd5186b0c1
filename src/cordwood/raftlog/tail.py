"""The end of the last chunk: whether a write was torn there, or the chunk is damaged.

| at the bad place                                                             | outcome                              |
|------------------------------------------------------------------------------|--------------------------------------|
| a page (4 KiB) ends in a sector (512 bytes) of zeros before the valid record | a torn write: pages reach a device   |
| that follows                                                                 | in any order; the log ends here      |
| any sector is zeros, and no valid record follows                             | the same; or a cut, half of which is |
|                                                                              | found                                |
| a valid record follows                                                       | corruption: nothing is cut           |
| the file ends inside the record                                              | a torn write: the log ends here      |
| anything else: a checksum is wrong, though all bytes are there               | corruption: nothing is cut           |

What lies behind a hole was never synced, since a sync covers everything before it. Of the first sector only the part is
looked at that lies behind the bad place; where that is shorter than a type it proves nothing, as types begin with zeros.

Lives here: that judgement. Must not live here: cutting (recovery.py).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from cordwood.model.errors import CorruptLog
from cordwood.model.raftlog_errors import IncompleteRecord, InvalidRecord

if TYPE_CHECKING:
    from cordwood.raftlog.records import RecordCodec

PAGE_BYTES: Final = 4096
SECTOR_BYTES: Final = 512
TYPE_BYTES: Final = 4

# Where a record may begin, by its type. In a long run of zeros none does: its checksum would be zero as well.
_BEGINNING: Final = re.compile(rb"(?=\0\0\0(?:[\1-\5]|\0(?!\0{64})))")


def judge_tail(
    codec: RecordCodec[Any, Any, Any, Any], path: str, view: memoryview, at: int, error: InvalidRecord
) -> None:
    """Returns if the bad record at `at` is a torn write. Raises CorruptLog if the chunk is damaged."""
    following = find_record(codec, view, at + 1)
    if _has_hole(view, at, following):
        return
    if following is not None:
        reason = f"{error.reason}, and a valid record follows at byte {following}"
        raise CorruptLog(path, at, reason) from error
    if not isinstance(error, IncompleteRecord):
        raise CorruptLog(path, at, error.reason) from error


def find_record(codec: RecordCodec[Any, Any, Any, Any], view: memoryview, start: int) -> int | None:
    """Where the first valid record begins at or after `start`."""
    for match in _BEGINNING.finditer(view, start):
        try:
            codec.decode(view, match.start(), len(view))
        except InvalidRecord:
            continue
        return match.start()
    return None


def _has_hole(view: memoryview, at: int, following: int | None) -> bool:
    """Whether bytes are missing between the bad place and the next valid record, or the end of the file."""
    end, step = (len(view), SECTOR_BYTES) if following is None else (following, PAGE_BYTES)
    stops = [*range(at // step * step + step, end + 1, step), *([end] if following is None else [])]
    return any(_is_zeros(view, at, stop) for stop in stops)


def _is_zeros(view: memoryview, at: int, stop: int) -> bool:
    """Whether the sector that ends at `stop`, as far as it lies behind `at`, is zeros, and not just a type's."""
    start = max(at, (stop - 1) // SECTOR_BYTES * SECTOR_BYTES)
    return not any(view[start:stop]) and (start > at or stop - at >= TYPE_BYTES)
