"""Duplicate writes: a value is in a list twice.

Lives here: that property. Must not live here: a value in a list that it was not appended to; see `invented`.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cordwood.sim.checkers.list_append.history import History


def duplicates(history: History) -> Iterator[str]:
    """The values that somebody read more than once in one list, each once."""
    told: set[tuple[str, int]] = set()
    for reader, read in history.reads():
        if len(set(read.values)) == len(read.values):
            continue
        for value, times in Counter(read.values).items():
            if times > 1 and (read.key, value) not in told:
                told.add((read.key, value))
                yield f"duplicates: {reader} read {value} {times} times in {read.key}"
