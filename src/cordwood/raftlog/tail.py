"""The end of the last chunk: whether a write was torn there, or the chunk is damaged.

| at the bad place                                                              | outcome                             |
|-------------------------------------------------------------------------------|-------------------------------------|
| a page (4 KiB), or the file, ends in a sector (512 bytes) of zeros before the | a torn write: pages reach a device  |
| next valid record, if there is one                                            | in any order; the log ends here     |
| a valid record follows                                                        | corruption: nothing is cut          |
| the file ends inside the record                                               | a torn write: the log ends here     |
| anything else: a checksum is wrong, though all bytes are there                | corruption: nothing is cut          |

What lies behind a hole was never synced, since a sync covers everything before it. Only the part of the first sector
that lies behind the bad place is looked at.

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

# Where a record may begin, by its type. In a long run of zeros none does: its checksum would be zero as well.
_BEGINNING: Final = re.compile(rb"(?=\0\0\0(?:[\1-\5]|\0(?!\0{64})))")


def judge_tail(
    codec: RecordCodec[Any, Any, Any, Any], path: str, view: memoryview, at: int, error: InvalidRecord
) -> None:
    """Returns if the bad record at `at` is a torn write. Raises CorruptLog if the chunk is damaged."""
    following = find_record(codec, view, at + 1)
    if _has_hole(view, at, len(view) if following is None else following):
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


def _has_hole(view: memoryview, at: int, end: int) -> bool:
    """Whether bytes of [at, end) are missing: a page in it ends in zeros, or the file does."""
    first_page_end = at // PAGE_BYTES * PAGE_BYTES + PAGE_BYTES
    for page_end in range(first_page_end, end + 1, PAGE_BYTES):
        if not any(view[max(at, page_end - SECTOR_BYTES) : page_end]):
            return True
    last_sector = (len(view) - 1) // SECTOR_BYTES * SECTOR_BYTES
    return end == len(view) and not any(view[max(at, last_sector) : end])
