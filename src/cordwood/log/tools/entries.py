"""The entries of an index file, one after the other.

Lives here: reading pairs in pieces, whatever they say. Must not live here: what is right (index_check.py), searching
(log/index.py).
"""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING, Final, NamedTuple

from cordwood.model.limits import INDEX_ENTRY_SIZE_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cordwood.env.disk import File

PIECE_ENTRIES: Final = 4096

_PAIR: Final = Struct("<QQ")
assert _PAIR.size == INDEX_ENTRY_SIZE_BYTES


class Entry(NamedTuple):
    """A pair of an index, and where it is in the file."""

    at: int
    key: int
    value: int


def entries(file: File, size_bytes: int) -> Iterator[Entry]:
    """The whole entries in the first `size_bytes` of an index file."""
    end = size_bytes - size_bytes % INDEX_ENTRY_SIZE_BYTES
    piece = PIECE_ENTRIES * INDEX_ENTRY_SIZE_BYTES
    for start in range(0, end, piece):
        data = file.read(min(piece, end - start), start)
        whole = len(data) - len(data) % INDEX_ENTRY_SIZE_BYTES
        for number, (key, value) in enumerate(_PAIR.iter_unpack(data[:whole])):
            yield Entry(start + number * INDEX_ENTRY_SIZE_BYTES, key, value)
