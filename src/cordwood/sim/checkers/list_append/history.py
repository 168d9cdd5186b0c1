"""A history of list-append transactions: what each appended to which lists, what it read of them, how it ended.

Every value is appended once in the whole history, so that a list tells by its values who wrote it, and in which order.
A partition of Kafka is such a list; a read is what a reader in read_committed has of it, from its beginning on.

Lives here: the facts of a history, and what follows from them at once. Must not live here: opinions.

Source: Kingsbury and Alvaro, "Elle: Inferring Isolation Anomalies from Experimental Observations", 2020.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Key = str
"""The name of a list."""
Value = int
"""What is appended: a number that no other append has."""


class Fate(Enum):
    """How a transaction ended, as far as whoever ran it was told."""

    COMMITTED = "committed"
    ABORTED = "aborted"
    """Aborted, or never asked to commit."""
    UNKNOWN = "unknown"
    """Asked to commit, and nothing was heard: either may be."""


@dataclass(frozen=True, slots=True)
class Append:
    """One value at the end of one list."""

    key: Key
    value: Value


@dataclass(frozen=True, slots=True)
class Read:
    """The whole of one list at some time between the begin and the end of a transaction."""

    key: Key
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Transaction:
    """What one transaction did. One that only reads is a reader, and commits."""

    name: str
    fate: Fate
    appends: tuple[Append, ...] = ()
    reads: tuple[Read, ...] = ()


@dataclass(frozen=True)
class History:
    """Everything that happened. Raises ValueError where a value is appended twice."""

    transactions: tuple[Transaction, ...]
    final: Mapping[Key, tuple[Value, ...]]
    """Every list, read when all had ended."""
    interleaved: frozenset[Key] = frozenset()
    """The lists to which transactions append while others do: of such a list the order proves nothing, nor does where a
    read of it ends, as Kafka puts the records of transactions that are open at a time into a partition as they come. To
    every other list at most one transaction appends at a time; whoever runs them sees to that."""
    writers: dict[Value, Transaction] = field(init=False, default_factory=dict)
    """Who appended each value."""
    keys: dict[Value, Key] = field(init=False, default_factory=dict)
    """Which list each value was appended to."""

    def __post_init__(self) -> None:
        for transaction in self.transactions:
            for append in transaction.appends:
                if append.value in self.writers:
                    raise ValueError(f"{append.value} is appended twice; by {transaction.name} the second time")
                self.writers[append.value] = transaction
                self.keys[append.value] = append.key

    def reads(self) -> Iterator[tuple[str, Read]]:
        """Every read with the name of its reader, the final ones last."""
        for transaction in self.transactions:
            for read in transaction.reads:
                yield transaction.name, read
        for key, values in self.final.items():
            yield "the final reader", Read(key, values)

    def longest(self) -> dict[Key, tuple[Value, ...]]:
        """The longest read of each list: the order of what was appended to it."""
        longest: dict[Key, tuple[Value, ...]] = {}
        for _, read in self.reads():
            if len(read.values) >= len(longest.get(read.key, ())):
                longest[read.key] = read.values
        return longest

    def committed(self) -> tuple[Transaction, ...]:
        """The transactions that did commit: who was told so, and who was told nothing and has been read from."""
        seen = {value for values in self.longest().values() for value in values}
        return tuple(
            transaction
            for transaction in self.transactions
            if transaction.fate is Fate.COMMITTED
            or (transaction.fate is Fate.UNKNOWN and any(append.value in seen for append in transaction.appends))
        )
