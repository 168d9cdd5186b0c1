"""The offset map: for each key the newest offset, in a bounded piece of memory.

      keys up to 63 bytes, as they are ──┐
      longer keys, as a hash of 64 bytes ┴─> [ generation 0: full ][ generation 1: full ][ generation 2 ]
                                                                                           new keys go here

Python's own dict does a thousand puts or looks in one call, at 0.1 to 0.4 microseconds each, where an open-addressing
table of digests in a bytearray takes 0.7 to 1.8 (docs/design/compaction.md has the figures, bench/compaction.py measures
them). It costs 160 bytes a key where such a table costs 24. A key is in one generation only, and a generation never
grows beyond a size whose rehashing, or freeing, holds the interpreter for some milliseconds.

Keys are compared whole: what is short is never mistaken for another, what is long only by a collision of BLAKE2b.

Lives here: the keys and their offsets. Must not live here: records, or which of them stay.
"""

from __future__ import annotations

from hashlib import blake2b
from itertools import compress
from operator import not_
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


EXACT_KEY_BYTES: Final = 63
"""A key up to this size is kept as it is; the hash of a longer one is one byte longer, so that no two are mixed up."""

ENTRY_SIZE_BYTES: Final = 160
"""What a key takes at most: 97 bytes for itself, 32 for its offset, 30 for its place in a full table (CPython 3.11)."""

GENERATION_ENTRIES: Final = (1 << 19) * 2 // 3
"""So many entries fill a table of 2**19 places, which is the last to be rehashed within a few milliseconds."""

FREE_ENTRIES: Final = 4096
"""How many entries are given back to the allocator at once."""


class OffsetMap:
    """Keys and their newest offsets. One thread uses it."""

    __slots__ = ("_generations", "limit_entries")

    def __init__(self, limit_entries: int) -> None:
        assert limit_entries > 0, f"a map of {limit_entries} entries lets no compaction move on"
        self.limit_entries = limit_entries
        """It never holds more keys."""
        self._generations: list[dict[bytes | None, int]] = [{}]

    def __len__(self) -> int:
        return sum(map(len, self._generations))

    @property
    def size_bytes(self) -> int:
        """An upper bound of the memory that it takes."""
        return len(self) * ENTRY_SIZE_BYTES

    def put(self, keys: Sequence[bytes | None], offsets: Sequence[int]) -> int:
        """Notes keys as they are `known_as`, none of them None, each at an offset above all before it.

        Returns how many: fewer when the map is full.
        """
        count = len(keys)
        newest = self._generations[-1]
        if count > min(self.limit_entries - len(self), GENERATION_ENTRIES - len(newest)):
            return self._put_singly(keys, offsets)
        for generation in self._generations[:-1]:
            held = list(map(generation.__contains__, keys))
            if any(held):
                generation.update(zip(compress(keys, held), compress(offsets, held), strict=True))
                fresh = list(map(not_, held))
                keys, offsets = list(compress(keys, fresh)), list(compress(offsets, fresh))
        newest.update(zip(keys, offsets, strict=True))
        return count

    def _put_singly(self, keys: Sequence[bytes | None], offsets: Sequence[int]) -> int:
        for count, (key, offset) in enumerate(zip(keys, offsets, strict=True)):
            for generation in self._generations:
                if key in generation:
                    generation[key] = offset
                    break
            else:
                if len(self) >= self.limit_entries:
                    return count
                if len(self._generations[-1]) >= GENERATION_ENTRIES:
                    self._generations.append({})
                self._generations[-1][key] = offset
        return len(keys)

    def newest(self, keys: Sequence[bytes | None], offsets: Sequence[int]) -> Sequence[int]:
        """For each key the offset that the map has, or the one that is given beside it."""
        for generation in self._generations:
            offsets = list(map(generation.get, keys, offsets))
        return offsets

    def clear(self, rest: Callable[[], None]) -> None:
        """Forgets everything, a little at a time, so that others can use the interpreter meanwhile."""
        for generation in self._generations:
            while generation:
                for _ in range(min(FREE_ENTRIES, len(generation))):
                    generation.popitem()
                rest()
        self._generations = [{}]


def known_as(key: bytes) -> bytes:
    """What the map has instead of a key."""
    return key if len(key) <= EXACT_KEY_BYTES else blake2b(key, digest_size=EXACT_KEY_BYTES + 1).digest()
