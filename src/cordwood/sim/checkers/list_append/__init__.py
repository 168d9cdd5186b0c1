"""The properties that transactions which append to lists keep, one file for each.

A checker looks at a history (`history`) and yields a sentence for each violation; none means that the property holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cordwood.sim.checkers.list_append.aborted_reads import aborted_reads
from cordwood.sim.checkers.list_append.circular_flow import circular_flow
from cordwood.sim.checkers.list_append.dirty_writes import dirty_writes
from cordwood.sim.checkers.list_append.duplicates import duplicates
from cordwood.sim.checkers.list_append.intermediate_reads import intermediate_reads
from cordwood.sim.checkers.list_append.invented import invented
from cordwood.sim.checkers.list_append.lost import lost
from cordwood.sim.checkers.list_append.order import disorder

if TYPE_CHECKING:
    from cordwood.sim.checkers.list_append.history import History

__all__ = [
    "aborted_reads",
    "anomalies",
    "circular_flow",
    "dirty_writes",
    "disorder",
    "duplicates",
    "intermediate_reads",
    "invented",
    "lost",
]


def anomalies(history: History) -> list[str]:
    """Every property that a history breaks."""
    return [
        *dirty_writes(history),
        *aborted_reads(history),
        *intermediate_reads(history),
        *circular_flow(history),
        *lost(history),
        *duplicates(history),
        *invented(history),
        *disorder(history),
    ]
