"""A group's offset does not go back: it is what was committed last, or a later one that was asked for.

Lives here: that promise, for committers whose offsets only grow. Must not live here: records.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cordwood.sim.promises.notes import Committed


def gone_back(committed: Sequence[Committed]) -> Iterator[str]:
    """The answers that are older than an acknowledged commit, or that nobody asked for."""
    highest: dict[str, int] = {}
    for group, acknowledged, asked, seen in committed:
        least = max(acknowledged, highest.get(group, -1))
        if not least <= seen <= asked:
            yield f"committed: {group} is at {seen}, at least {least} was committed and at most {asked} asked for"
        highest[group] = max(seen, least)
