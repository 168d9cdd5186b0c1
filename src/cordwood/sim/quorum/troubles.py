"""Who was in trouble lately, alone or with whom: so that it is known which nodes had no reason to be unsteady.

Lives here: notes of troubles and their times. Must not live here: the troubles (`faults`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import combinations_with_replacement
from typing import TypeAlias

Pair: TypeAlias = frozenset[str]
"""Two hosts, or one alone."""


class Troubles:
    """`now_us` is the time."""

    def __init__(self, now_us: Callable[[], int]) -> None:
        self._now_us = now_us
        self._going_on: Counter[Pair] = Counter()
        self._over_at_us: dict[Pair, int] = {}

    @contextmanager
    def among(self, hosts: Iterable[str]) -> Iterator[None]:
        """While it lasts, each of these and each two of them are in trouble."""
        with self.between(combinations_with_replacement(sorted(hosts), 2)):
            yield

    @contextmanager
    def between(self, pairs: Iterable[tuple[str, str]]) -> Iterator[None]:
        """While it lasts, these two and those two are; two that are the same are one host."""
        troubled = {frozenset(pair) for pair in pairs}
        self._going_on.update(troubled)
        try:
            yield
        finally:
            self._going_on.subtract(troubled)
            self._over_at_us.update(dict.fromkeys(troubled, self._now_us()))

    def calm(self, one: str, other: str, for_us: int) -> bool:
        """Whether neither of two, nor the way between them, was in trouble for so long."""
        return all(self._is_calm(frozenset(hosts), for_us) for hosts in ((one,), (other,), (one, other)))

    def _is_calm(self, pair: Pair, for_us: int) -> bool:
        since = self._over_at_us.get(pair)
        return not self._going_on[pair] and (since is None or since + for_us <= self._now_us())
