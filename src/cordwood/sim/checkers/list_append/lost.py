"""Lost writes: what was committed, or was read, is not there in the end.

Lives here: that property. Must not live here: whether what is there is right; see `invented` and `duplicates`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cordwood.sim.checkers.list_append.history import History


def lost(history: History) -> Iterator[str]:
    """The values that the final reads lack, each once."""
    final = {key: set(values) for key, values in history.final.items()}
    told: set[int] = set()
    for transaction in history.committed():
        for append in transaction.appends:
            if append.value not in final.get(append.key, ()):
                told.add(append.value)
                how = transaction.fate.value
                yield f"lost: {append.value} is not in {append.key}; {transaction.name} appended it ({how})"
    for reader, read in history.reads():
        for value in read.values:
            if value not in final.get(read.key, ()) and value not in told:
                told.add(value)
                yield f"lost: {value} is no more in {read.key}; {reader} has read it"
