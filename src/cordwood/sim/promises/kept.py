"""What was acknowledged is kept: a register holds what was written last, or a later number that was asked for.

So group offsets, settings and quotas do not go back, added partitions stay, and deleted records do not come back.

Lives here: that promise, for registers whose numbers only grow. Must not live here: records.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cordwood.sim.promises.notes import Kept


def gone_back(looks: Sequence[Kept]) -> Iterator[str]:
    """The answers that are older than an acknowledged one, or that nobody asked for."""
    highest: dict[str, int] = {}
    for register, acknowledged, asked, seen in looks:
        least = max(acknowledged, highest.get(register, -1))
        if not least <= seen <= asked:
            yield f"kept: {register} is at {seen}, at least {least} was acknowledged and at most {asked} asked for"
        highest[register] = max(seen, least)
