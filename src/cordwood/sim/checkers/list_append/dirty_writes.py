"""G0, dirty writes: transactions overwrite each other in a circle.

One has appended to a list before another, and to a second list after it: neither came first.

Lives here: that property. Must not live here: circles in which somebody read something; see `circular_flow`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cordwood.sim.checkers.list_append.graph import Because, edges, graph_of, knots, path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cordwood.sim.checkers.list_append.history import History


def dirty_writes(history: History) -> Iterator[str]:
    """One circle of every knot of appends."""
    graph = graph_of(edge for edge in edges(history) if edge.because is Because.WW)
    for knot in knots(graph):
        start = min(knot)
        yield "G0: " + ", ".join(str(edge) for edge in path(graph, start, start, knot))
