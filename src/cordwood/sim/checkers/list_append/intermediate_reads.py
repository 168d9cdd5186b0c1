"""G1b, intermediate reads: somebody read a part of what a transaction appended to a list.

In a list where appends interleave only the final read is looked at: a reader in read_committed stops before the first
record that is undecided, which may be in the midst of what another transaction has appended and committed.

Lives here: that property. Must not live here: a part that is missing from the end on; see `lost`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cordwood.sim.checkers.list_append.history import History, Key, Read, Transaction


def intermediate_reads(history: History) -> Iterator[str]:
    """Every read in which a transaction is neither whole nor absent; each transaction is told once."""
    told: set[str] = set()
    parts = {transaction.name: _by_key(transaction) for transaction in history.transactions}
    for reader, read in history.reads():
        if read.key in history.interleaved and read.values != history.final.get(read.key):
            continue
        for writer in _split(history, read, parts):
            if writer not in told and writer != reader:
                told.add(writer)
                yield f"G1b: {reader} read only a part of what {writer} appended to {read.key}"


def _by_key(transaction: Transaction) -> dict[Key, int]:
    """How much a transaction appended to each list."""
    sizes: dict[Key, int] = {}
    for append in transaction.appends:
        sizes[append.key] = sizes.get(append.key, 0) + 1
    return sizes


def _split(history: History, read: Read, parts: dict[str, dict[Key, int]]) -> Iterator[str]:
    """The transactions of which this read has something and not all."""
    seen: dict[str, int] = {}
    for value in set(read.values):
        writer = history.writers.get(value)
        if writer is not None and history.keys[value] == read.key:
            seen[writer.name] = seen.get(writer.name, 0) + 1
    for name, count in seen.items():
        if count < parts[name][read.key]:
            yield name
