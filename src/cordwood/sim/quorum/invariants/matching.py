"""Log matching: entries with equal index and term are equal, and so is all that comes before them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cordwood.sim.quorum.invariant import Broken, Invariant

if TYPE_CHECKING:
    from cordwood.raft import Entry, Index, Term
    from cordwood.sim.quorum.sight import LogChange, Sight


class LogMatching(Invariant):
    """Remembers each entry and the term before it, whoever had it first: so all before it is equal step by step."""

    def __init__(self) -> None:
        self._entries: dict[tuple[Index, Term], tuple[Term, Entry]] = {}

    def rewrites(self, before: Sight | None, sight: Sight, change: LogChange) -> None:
        previous = change.previous
        for entry in change.entries:
            found = previous, entry
            first = self._entries.setdefault((entry.index, entry.term), found)
            if first != found:
                raise Broken(
                    f"log matching: entry {entry.index} of term {entry.term} is {entry.data!r} after term {previous} "
                    f"on {sight.node}, and was {first[1].data!r} after term {first[0]}"
                )
            if entry.term < previous:
                raise Broken(f"terms grow in a log: {entry.term} follows {previous} at {entry.index} on {sight.node}")
            previous = entry.term
