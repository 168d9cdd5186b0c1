"""Invented values: somebody read what nobody appended, or appended elsewhere.

Lives here: that property. Must not live here: what was appended and should not be seen; see `aborted_reads`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cordwood.sim.checkers.list_append.history import History


def invented(history: History) -> Iterator[str]:
    """The values that do not belong into the list in which they were read, each once."""
    told: set[tuple[str, int]] = set()
    for reader, read in history.reads():
        for value in read.values:
            if history.keys.get(value) == read.key or (read.key, value) in told:
                continue
            told.add((read.key, value))
            belongs = (
                f"which was appended to {history.keys[value]}" if value in history.keys else "which nobody appended"
            )
            yield f"invented: {reader} read {value} in {read.key}, {belongs}"
