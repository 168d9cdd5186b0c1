"""A transaction is seen in all of its partitions and in its group's offset, or nowhere, as its producer was told.

| its producer                            | committed readers see |
|-----------------------------------------|-----------------------|
| was told that it is committed           | all of it             |
| asked for that, and was told nothing    | all of it, or nothing |
| anything else                           | nothing               |

Nothing is seen twice, those of one producer are seen in their order, and what a reader saw early is what is there.

Lives here: that promise. Must not live here: how a reader tells what is committed (`clients.committed_reader`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from cordwood.sim.promises.notes import Notes, Outcome, Place, Transaction

Visible = Mapping[Place, Sequence[bytes]]

_ALLOWED: Final[Mapping[Outcome, Callable[[int], tuple[int, ...]]]] = MappingProxyType(
    {
        Outcome.COMMITTED: lambda count: (count,),
        Outcome.MAYBE: lambda count: (0, count),
        Outcome.ABORTED: lambda _: (0,),
        Outcome.OPEN: lambda _: (0,),
    }
)
"""How many records of a transaction may be seen, of how many."""


def torn(notes: Notes, visible: Visible) -> Iterator[str]:
    """Every transaction of which another part is seen than its producer was told, and what is seen that nobody wrote."""
    seen = {place: set(values) for place, values in visible.items()}
    offsets: dict[str, int] = {}
    for transaction in notes.transactions:
        parts = [value in seen.get(place, ()) for place, values in transaction.values.items() for value in values]
        yield from _judged(transaction, parts)
        if all(parts) and transaction.moves_offset:
            offsets[transaction.group] = transaction.number
    for group, seen_offset in notes.offsets.items():
        if seen_offset != offsets.get(group, -1):
            yield f"torn: {group} is at {seen_offset} where its transactions have left it at {offsets.get(group, -1)}"
    yield from _out_of_order(notes.transactions, visible)
    yield from _changed(notes.read_committed, visible)


def _judged(transaction: Transaction, parts: Sequence[bool]) -> Iterator[str]:
    told = f"torn: {transaction.producer} {transaction.number} is {transaction.outcome.value}"
    count = sum(parts)
    if count not in _ALLOWED[transaction.outcome](len(parts)):
        yield f"{told}, and of its {len(parts)} records {count} are seen"


def _out_of_order(transactions: Iterable[Transaction], visible: Visible) -> Iterator[str]:
    """The records of one producer come in the order in which it wrote them, each of them once."""
    places: dict[tuple[Place, bytes], tuple[str, int]] = {}
    for position, transaction in enumerate(transactions):
        for place, values in transaction.values.items():
            for number, value in enumerate(values):
                places[place, value] = (transaction.producer, (position << 16) + number)
    for place, found in visible.items():
        last: dict[str, int] = {}
        for value in found:
            written = places.get((place, value))
            if written is None:
                yield f"torn: {value!r} in {place} was never written there"
            elif written[1] <= last.get(written[0], -1):
                yield f"torn: {value!r} in {place} comes twice, or too late"
            else:
                last[written[0]] = written[1]


def _changed(early: Visible, visible: Visible) -> Iterator[str]:
    for place, found in early.items():
        if list(found) != list(visible.get(place, ()))[: len(found)]:
            yield f"torn: what a reader saw as committed in {place} is not what is there"
