"""Nothing at or below the commit index is cut."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cordwood.sim.quorum.invariant import Broken, Invariant

if TYPE_CHECKING:
    from cordwood.sim.quorum.sight import LogChange, Sight


class NothingCommittedIsCut(Invariant):
    """Also of a leader: its own log is only added to."""

    def rewrites(self, before: Sight | None, sight: Sight, change: LogChange) -> None:
        if before is None or not change.is_cut:
            return
        if change.kept < before.commit:
            raise Broken(
                f"nothing committed is cut: {sight.node} knew of {before.commit}, and kept its log up to {change.kept}"
            )
        if before.leads and sight.leads and before.term == sight.term:
            raise Broken(f"a leader only adds to its log: {sight.node} cut it behind {change.kept}")
