"""A mapping as it would be after some changes, which the mapping beneath does not see.

Lives here: that mapping. Must not live here: anything about groups. A draft of a group with 500 members is made of
layers in no time, where copies would make each of 500 joins cost 500.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping, ValuesView
from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Layer(MutableMapping[K, V]):
    """Changes over a mapping that stays as it is. Iterates in the order that a changed copy would have."""

    def __init__(self, beneath: Mapping[K, V]) -> None:
        self._beneath = beneath
        self._changed: dict[K, V] = {}
        # Keys beneath that were deleted, even if they were put again: then they stand behind the others.
        self._gone: set[K] = set()
        self._length = len(beneath)

    def __getitem__(self, key: K) -> V:
        if key in self._changed:
            return self._changed[key]
        if key in self._gone:
            raise KeyError(key)
        return self._beneath[key]

    def __setitem__(self, key: K, value: V) -> None:
        if key not in self:
            self._length += 1
        self._changed[key] = value

    def __delitem__(self, key: K) -> None:
        if key not in self:
            raise KeyError(key)
        self._changed.pop(key, None)
        if key in self._beneath:
            self._gone.add(key)
        self._length -= 1

    def __contains__(self, key: object) -> bool:
        return key in self._changed or (key not in self._gone and key in self._beneath)

    def __iter__(self) -> Iterator[K]:
        return iter(self._copy())

    def values(self) -> ValuesView[V]:
        """All values. Who looks at all pays for a copy, which is less than what a walk over the layers would take."""
        return self._copy().values()

    def __len__(self) -> int:
        return self._length

    def _copy(self) -> dict[K, V]:
        copy = dict(self._beneath)
        for key in self._gone:
            del copy[key]
        copy.update(self._changed)
        return copy
