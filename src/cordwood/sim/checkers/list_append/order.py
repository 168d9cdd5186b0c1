"""The order of a list: all readers agree on it, and the appends of one transaction are in the order of their making.

Lives here: that property. Must not live here: the order among transactions; see `dirty_writes`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cordwood.sim.checkers.list_append.history import History


def disorder(history: History) -> Iterator[str]:
    """The reads that are not the beginning of the longest one, and the appends that have changed places."""
    yield from _disagreements(history)
    yield from _overtaken(history)


def _disagreements(history: History) -> Iterator[str]:
    longest = history.longest()
    for reader, read in history.reads():
        whole = longest[read.key]
        if read.values != whole[: len(read.values)]:
            at = next(n for n, value in enumerate(read.values) if value != whole[n])
            yield f"order: {reader} read {read.values[at]} as number {at} of {read.key}, others read {whole[at]} there"


def _overtaken(history: History) -> Iterator[str]:
    places = {(key, value): place for key, values in history.longest().items() for place, value in enumerate(values)}
    for transaction in history.transactions:
        last: dict[str, tuple[int, int]] = {}
        for append in transaction.appends:
            place = places.get((append.key, append.value))
            if place is None:
                continue
            before = last.get(append.key)
            if before is not None and before[0] > place:
                yield f"order: {append.value} of {transaction.name} overtook {before[1]} in {append.key}"
            last[append.key] = place, append.value
