"""The properties that a log keeps through every crash, one file for each.

A checker compares what was asked and answered (`sim.history`) with what is there (`sim.found`) and yields a sentence for
each violation; none means that the property holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cordwood.sim.checkers.duplicates import duplicates
from cordwood.sim.checkers.indexes import disagreements
from cordwood.sim.checkers.invented import invented
from cordwood.sim.checkers.lost import lost
from cordwood.sim.checkers.order import disorder

if TYPE_CHECKING:
    from cordwood.log.log import Log
    from cordwood.sim.found import Found
    from cordwood.sim.history import History, Outcome

__all__ = ["disagreements", "disorder", "duplicates", "invented", "lost", "violations"]


def violations(history: History, log: Log, found: Found, outcome: Outcome) -> list[str]:
    """Every property that an open log, in which this was found, breaks; it must have kept what got as far as `outcome`."""
    return [
        *lost(history, found, outcome),
        *invented(history, found),
        *disorder(history, found),
        *duplicates(found),
        *disagreements(log, found),
    ]
