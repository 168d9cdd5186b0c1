"""The shortest list of faults found that still breaks something.

      all ──> without one half, without the other ──> without a quarter ... ──> without any single one

Lives here: the search (Zeller's delta debugging). Must not live here: runs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeVar

T = TypeVar("T")

TRIES: Final = 80
"""So many runs at most."""


def shorten(parts: Sequence[T], still_fails: Callable[[list[T]], bool], tries: int = TRIES) -> list[T]:
    """A part of `parts` with which it still fails, in their order: no single one can be left out, if the tries suffice."""
    kept = list(parts)
    count = 2
    while len(kept) > 0 and tries > 0:
        size = max(1, len(kept) // count)
        for start in range(0, len(kept), size):
            if tries == 0:
                return kept
            tries -= 1
            candidate = kept[:start] + kept[start + size :]
            if still_fails(candidate):
                kept = candidate
                count = max(2, count - 1)
                break
        else:
            if size == 1:
                return kept
            count = min(len(kept), 2 * count)
    return kept
