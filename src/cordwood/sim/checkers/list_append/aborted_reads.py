"""G1a, aborted reads: somebody read what an aborted transaction had appended.

Lives here: that property. Must not live here: values that nobody appended; see `invented`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cordwood.sim.checkers.list_append.history import Fate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cordwood.sim.checkers.list_append.history import History


def aborted_reads(history: History) -> Iterator[str]:
    """Every value that was read and is of a transaction that did not commit; the first reader of each."""
    told: set[int] = set()
    for reader, read in history.reads():
        for value in read.values:
            writer = history.writers.get(value)
            if writer is None or writer.fate is not Fate.ABORTED or value in told:
                continue
            told.add(value)
            yield f"G1a: {reader} read {value} in {read.key}, which {writer.name} appended and aborted"
