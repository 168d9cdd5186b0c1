"""A plan to move a group: for each partition the offset it has, and the one it gets.

Lives here: which partitions people mean, shifting, and keeping offsets within what is there. Must not live here: asking,
and committing (resetting.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from cordwood.cli.client.offsets import Bounds, Place

PARTITIONS_LIMIT: Final = 100_000
"""So many partitions of one topic may be named."""

_PARTITIONS: Final = re.compile(r"\d{1,9}(?:-\d{1,9})?(?:,\d{1,9}(?:-\d{1,9})?)*")


class BadSelection(ValueError):
    """Text that names no partitions."""


class Selection(NamedTuple):
    """A topic, and which of its partitions; None: all."""

    topic: str
    partitions: tuple[int, ...] | None = None


class Move(NamedTuple):
    """One partition of a plan. `is_cut` offsets would lie outside of what is there, and were brought inside."""

    topic: str
    partition: int
    old: int | None
    new: int
    is_cut: bool = False

    @property
    def changes(self) -> bool:
        """Whether there is anything to do."""
        return self.old != self.new

    def row(self, group: str) -> dict[str, Any]:
        """It as it is shown."""
        return {"group": group, "topic": self.topic, "partition": self.partition, "old": self.old, "new": self.new}


def parse_selection(text: str) -> Selection:
    """TOPIC, or TOPIC:PARTITIONS such as orders:0,2,5-7. Raises BadSelection."""
    topic, colon, partitions = text.partition(":")
    if not topic:
        raise BadSelection(f"{text!r} names no topic")
    if not colon:
        return Selection(topic)
    if not _PARTITIONS.fullmatch(partitions):
        raise BadSelection(f"{partitions!r} names no partitions: write TOPIC:0,2,5-7")
    found: set[int] = set()
    for part in partitions.split(","):
        first, _, last = part.partition("-")
        span = range(int(first), int(last or first) + 1)
        if len(span) + len(found) > PARTITIONS_LIMIT:
            raise BadSelection(f"{partitions!r} names more than {PARTITIONS_LIMIT} partitions")
        if not span:
            raise BadSelection(f"{part!r} ends before it begins")
        found.update(span)
    return Selection(topic, tuple(sorted(found)))


def wanted_partitions(selections: Iterable[Selection]) -> dict[str, frozenset[int] | None]:
    """The partitions of each topic that is selected, once or more often; None: all."""
    wanted: dict[str, frozenset[int] | None] = {}
    for topic, numbers in selections:
        known = wanted.get(topic, frozenset())
        wanted[topic] = None if numbers is None or known is None else known.union(numbers)
    return wanted


def plan_to(targets: Mapping[Place, int], committed: Mapping[Place, int], bounds: Mapping[Place, Bounds]) -> list[Move]:
    """Moves to these offsets."""
    return [_move(place, committed.get(place), wanted, bounds[place]) for place, wanted in sorted(targets.items())]


def plan_shift(
    places: Iterable[Place], distance: int, committed: Mapping[Place, int], bounds: Mapping[Place, Bounds]
) -> tuple[list[Move], list[Place]]:
    """Moves by a distance, and the partitions that have no offset to shift."""
    chosen = sorted(places)
    moves = [
        _move(place, committed[place], committed[place] + distance, bounds[place])
        for place in chosen
        if place in committed
    ]
    return moves, [place for place in chosen if place not in committed]


def _move(place: Place, old: int | None, wanted: int, found: Bounds) -> Move:
    new = min(max(wanted, found.start), found.end)
    return Move(*place, old=old, new=new, is_cut=new != wanted)
