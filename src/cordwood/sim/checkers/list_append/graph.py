"""Which transaction must come before which, and the cycles in that.

A transaction comes before another for one of two reasons: WW, the other's append follows its append in a list; WR, the
other has read its append.

Lives here: edges and cycles. Must not live here: what a cycle means; see `dirty_writes` and `circular_flow`.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from cordwood.sim.checkers.list_append.history import History, Transaction


class Because(Enum):
    """Why one transaction comes before another."""

    WW = "is overwritten by"
    WR = "is read by"


@dataclass(frozen=True, slots=True)
class Edge:
    """`before` comes before `after`, and that list says so."""

    before: str
    after: str
    because: Because
    key: str

    def __str__(self) -> str:
        return f"{self.before} {self.because.value} {self.after} in {self.key}"


Graph = dict[str, dict[str, Edge]]
"""The edges that leave each transaction, by the one that they lead to; one edge for each pair."""


def edges(history: History) -> Iterator[Edge]:
    """Every dependency between transactions that committed."""
    committed = {transaction.name for transaction in history.committed()}
    for edge in (*_overwritten(history), *_read(history)):
        if edge.before != edge.after and edge.before in committed and edge.after in committed:
            yield edge


def graph_of(some: Iterable[Edge]) -> Graph:
    """These edges; of two for one pair the first stays."""
    graph: Graph = {}
    for edge in some:
        graph.setdefault(edge.before, {}).setdefault(edge.after, edge)
        graph.setdefault(edge.after, {})
    return graph


def knots(graph: Graph) -> list[frozenset[str]]:
    """The strongly connected components of more than one transaction: each of them holds cycles, and nothing else does.

    Source: Kosaraju's algorithm, by stacks in place of recursion: a history may be long.
    """
    finished = _by_end_of_visit(graph)
    backwards: dict[str, list[str]] = {node: [] for node in graph}
    for before, targets in graph.items():
        for after in targets:
            backwards[after].append(before)
    found: list[frozenset[str]] = []
    taken: set[str] = set()
    for root in reversed(finished):
        if root in taken:
            continue
        component, waiting = {root}, [root]
        while waiting:
            fresh = [node for node in backwards[waiting.pop()] if node not in taken and node not in component]
            component.update(fresh)
            waiting += fresh
        taken |= component
        if len(component) > 1:
            found.append(frozenset(component))
    return found


def path(graph: Graph, start: str, end: str, within: Collection[str]) -> list[Edge]:
    """The shortest way from one transaction of a knot to another of it."""
    came: dict[str, Edge] = {}
    waiting = deque([start])
    while end not in came:
        node = waiting.popleft()
        for after, edge in graph[node].items():
            if after in within and after not in came:
                came[after] = edge
                waiting.append(after)
    way = [came[end]]
    while way[0].before != start:
        way.insert(0, came[way[0].before])
    return way


def _by_end_of_visit(graph: Graph) -> list[str]:
    """Every transaction, after all those that can be reached from it and were not visited before."""
    finished: list[str] = []
    visited: set[str] = set()
    for root in graph:
        if root in visited:
            continue
        visited.add(root)
        stack = [(root, iter(graph[root]))]
        while stack:
            node, targets = stack[-1]
            fresh = next((target for target in targets if target not in visited), None)
            if fresh is None:
                stack.pop()
                finished.append(node)
            else:
                visited.add(fresh)
                stack.append((fresh, iter(graph[fresh])))
    return finished


def _overwritten(history: History) -> Iterator[Edge]:
    for key, values in history.longest().items():
        if key not in history.interleaved:
            writers = [history.writers[value].name for value in values if value in history.writers]
            for before, after in pairwise(writers):
                yield Edge(before, after, Because.WW, key)


def _read(history: History) -> Iterator[Edge]:
    for transaction in history.transactions:
        for read in transaction.reads:
            known = [history.writers[value] for value in read.values if value in history.writers]
            # Where the order is known, the last writer comes after all the others.
            told: list[Transaction] = known if read.key in history.interleaved else known[-1:]
            for name in dict.fromkeys(writer.name for writer in told):
                yield Edge(name, transaction.name, Because.WR, read.key)
