"""Nothing is invented: every record is one that was asked for, to the byte, at the offset that it was asked for.

Lives here: that property. Must not live here: what must be there; see `lost`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cordwood.sim.found import Found
    from cordwood.sim.history import History


def invented(history: History, found: Found) -> Iterator[str]:
    """The records that nobody wanted there."""
    candidates = history.candidates()
    for record in found.records:
        if record not in candidates.get(record.offset, ()):
            yield f"invented: {record}"
