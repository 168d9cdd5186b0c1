"""G1c, circular information flow: transactions come before each other in a circle, and somebody in it read something.

One has read what another appended, which in turn read, or was overwritten by, what came of the first: so somebody was
read before it had committed.

Lives here: that property. Must not live here: circles of appends alone; see `dirty_writes`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cordwood.sim.checkers.list_append.graph import Because, Edge, Graph, edges, graph_of, knots, path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cordwood.sim.checkers.list_append.history import History


def circular_flow(history: History) -> Iterator[str]:
    """The shortest circle with a read in it, of every knot that has one."""
    # A pair that appends tie already may be tied by a read too, and that is what is looked for.
    found = sorted(edges(history), key=lambda edge: edge.because is Because.WW)
    graph = graph_of(found)
    for knot in knots(graph):
        circles = list(_circles(graph, knot))
        if circles:
            yield "G1c: " + ", ".join(str(edge) for edge in min(circles, key=len))


def _circles(graph: Graph, knot: frozenset[str]) -> Iterator[list[Edge]]:
    for before in sorted(knot):
        for after, edge in graph[before].items():
            if edge.because is Because.WR and after in knot:
                yield [edge, *path(graph, after, before, knot)]
