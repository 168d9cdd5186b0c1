"""The faults of a run as a list: drawn once from the seed, so that a run can be repeated with some of them left out.

Each fault has dice of its own, named by its number: what others do, or that they are gone, does not change them.

Lives here: the list and its times. Must not live here: what a fault does (`faults`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from cordwood.env.dice import Dice

QUIET_MS: Final = 300
"""Between the beginnings of two faults, at most; one may begin before another is over."""

CHOICE: Final = 3
"""One in so many kinds comes in a run."""

DOUBLINGS: Final = 4
"""Some runs have many faults that overlap, others few: as many times is the quiet doubled, less one, at most."""


class Fault(NamedTuple):
    """One of the list."""

    number: int
    at_ms: int
    """After the first fault could have come."""
    kind: str

    def __str__(self) -> str:
        return f"{self.number}: {self.kind} at {self.at_ms} ms"


def draw(dice: Dice, seconds: float, weights: Mapping[str, int]) -> list[Fault]:
    """The faults of so many seconds: of some of the kinds, as often as their weights say.

    Each run leaves most kinds out, so that those it has meet each other more often (swarm testing).
    """
    chosen = {kind: weight for kind, weight in weights.items() if weight and not dice.below(CHOICE)} or weights
    deck = [kind for kind, weight in chosen.items() for _ in range(weight)]
    faults: list[Fault] = []
    quiet_ms = QUIET_MS << dice.below(DOUBLINGS)
    at_ms = dice.below(quiet_ms)
    while at_ms < seconds * 1000:
        faults.append(Fault(len(faults), at_ms, deck[dice.below(len(deck))]))
        at_ms += 1 + dice.below(quiet_ms)
    return faults


def only(faults: Collection[Fault], numbers: Collection[int]) -> list[Fault]:
    """Those with these numbers."""
    return [fault for fault in faults if fault.number in numbers]
