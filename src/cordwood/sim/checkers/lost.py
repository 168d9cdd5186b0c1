"""Nothing acknowledged is lost.

Lives here: that property. Must not live here: whether what is there is right; see `invented`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cordwood.sim.found import Found
    from cordwood.sim.history import History, Outcome


def lost(history: History, found: Found, outcome: Outcome) -> Iterator[str]:
    """The records that got as far as `outcome` and are not there as they were."""
    by_offset = {record.offset: record for record in found.records}
    for record in history.required(outcome):
        there = by_offset.get(record.offset)
        if there != record:
            what = (
                f"is {there} instead"
                if there
                else f"is not there: the log holds {found.start_offset} to {found.end_offset}"
            )
            yield f"lost: {record} {what}"
