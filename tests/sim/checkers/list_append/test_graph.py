"""Edges of a history, and cycles of a graph against a slow twin."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from cordwood.sim.checkers.list_append.graph import Because, Edge, edges, graph_of, knots, path
from cordwood.sim.checkers.list_append.history import Fate
from tests.sim.checkers.list_append.histories import history, transaction

NODES = "abcdefg"
arrows = st.lists(st.tuples(st.sampled_from(NODES), st.sampled_from(NODES)), max_size=16)


def graph(pairs):
    return graph_of(Edge(before, after, Because.WW, "x") for before, after in pairs if before != after)


def reachable(drawn, start):
    """What can be reached in one step or more."""
    found, waiting = set(), list(drawn.get(start, ()))
    while waiting:
        node = waiting.pop()
        if node not in found:
            found.add(node)
            waiting += drawn[node]
    return found


@given(arrows)
def test_knots_are_what_can_reach_itself(pairs):
    drawn = graph(pairs)
    reach = {node: reachable(drawn, node) for node in drawn}
    expected = {
        frozenset(other for other in reach[node] if node in reach[other]) for node in drawn if node in reach[node]
    }
    assert set(knots(drawn)) == expected
    assert len(knots(drawn)) == len(expected)


@given(arrows)
def test_a_path_leads_from_start_to_end(pairs):
    drawn = graph(pairs)
    for knot in knots(drawn):
        for start in knot:
            for end in knot:
                way = path(drawn, start, end, knot)
                assert way[0].before == start
                assert way[-1].after == end
                assert all(one.after == two.before for one, two in pairwise(way))
                assert len({edge.after for edge in way}) == len(way)


def test_a_long_chain_is_no_recursion():
    drawn = graph((str(n), str(n + 1)) for n in range(5_000))
    assert knots(drawn) == []


def test_who_is_overwritten_and_who_is_read():
    told = history(
        transaction("one", "x1 x2"),
        transaction("two", "x3", reads=["x 1 2"]),
        transaction("three", "x4", fate=Fate.ABORTED, reads=["x 1 2 3"]),
        final=["x 1 2 3"],
    )
    assert set(edges(told)) == {Edge("one", "two", Because.WW, "x"), Edge("one", "two", Because.WR, "x")}


def test_where_appends_are_interleaved_only_reads_tell():
    told = history(
        transaction("one", "x1 x3"),
        transaction("two", "x2"),
        transaction("reader", reads=["x 1 2 3"]),
        final=["x 1 2 3"],
        interleaved="x",
    )
    assert set(edges(told)) == {Edge("one", "reader", Because.WR, "x"), Edge("two", "reader", Because.WR, "x")}
