"""No gap between snapshot and log: what the log does not have any more is in a snapshot that is durable."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cordwood.sim.quorum.invariant import Broken, Invariant

if TYPE_CHECKING:
    from cordwood.sim.quorum.sight import Log, Sight


class NoGap(Invariant):
    """In memory, and on the disk."""

    def begins(self, sight: Sight, log: Log) -> None:
        _check(sight)

    def changes(self, before: Sight, sight: Sight, log: Log) -> None:
        _check(sight)

    def survives(self, sight: Sight, log: Log) -> None:
        _check(sight)


def _check(sight: Sight) -> None:
    if not sight.before.index <= sight.snapshot.index <= sight.last.index:
        raise Broken(
            f"no gap: the log of {sight.node} has {sight.first} to {sight.last.index}, "
            f"and its snapshot ends at {sight.snapshot.index}"
        )
