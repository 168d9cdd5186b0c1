"""Counts of what was held back because somebody used too much, by quota.

Lives here: plain numbers. Must not live here: names of exported metrics; those are the console's.
"""

from __future__ import annotations


class ThrottleCounts:
    """What became of one quota's requests or connections, since the start."""

    __slots__ = ("seconds", "throttled")

    def __init__(self) -> None:
        self.throttled = 0
        """How many took those who made them over their quota, or found them over it."""
        self.seconds = 0.0
        """How long those were to wait, together."""

    def note(self, wait_s: float) -> None:
        """One was over, for so long."""
        self.throttled += 1
        self.seconds += wait_s
