"""The values that clients pushed, as they are shown until their clients are silent for too long.

Lives here: keeping them within bounds. Must not live here: names and text (`exposition`).

1. There are never more than `limit` series, and of one client never more than `limit_per_client`: what comes beyond is
   dropped, and the count of that told.
2. A family has one kind: that of its first series. Values of another kind are dropped as long as it lives.
3. A sum that comes as what was added is added up; any other value replaces the one before it.
"""

from __future__ import annotations

from collections.abc import Iterable

from cordwood.telemetry.exposition import Family, Sample
from cordwood.telemetry.otlp import Kind


class _Values:
    """The series of one name."""

    __slots__ = ("by_labels", "kind")

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.by_labels: dict[bytes, float] = {}


class _Pusher:
    """Which series are of one client."""

    __slots__ = ("expires_ms", "keys")

    def __init__(self) -> None:
        self.expires_ms = 0
        self.keys: set[tuple[str, bytes]] = set()


class Series:
    """All values that are shown."""

    def __init__(self, limit: int, limit_per_client: int) -> None:
        self._limit = limit
        self._limit_per_client = limit_per_client
        self._values: dict[str, _Values] = {}
        self._pushers: dict[bytes, _Pusher] = {}
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def keep(self, instance_id: bytes, samples: Iterable[Sample], expires_ms: int) -> int:
        """Takes what a client pushed; answers how many of the samples were dropped."""
        pusher = self._pushers.get(instance_id) or _Pusher()
        pusher.expires_ms = expires_ms
        dropped = sum(not self._take(pusher, sample) for sample in samples)
        if pusher.keys:
            self._pushers[instance_id] = pusher
        return dropped

    def expire(self, now_ms: int) -> None:
        """Drops the series of clients that were silent for too long."""
        for instance_id in [key for key, pusher in self._pushers.items() if pusher.expires_ms <= now_ms]:
            for name, labels in self._pushers.pop(instance_id).keys:
                values = self._values[name]
                del values.by_labels[labels]
                self._count -= 1
                if not values.by_labels:
                    del self._values[name]

    def families(self) -> list[Family]:
        """A copy for somebody who writes it out elsewhere."""
        return [
            Family(name, values.kind is Kind.COUNTER, list(values.by_labels.items()))
            for name, values in self._values.items()
        ]

    def _take(self, pusher: _Pusher, sample: Sample) -> bool:
        values = self._values.get(sample.name)
        if values is not None and values.kind is not sample.kind:
            return False
        key = (sample.name, sample.labels)
        if key not in pusher.keys:
            if self._count >= self._limit or len(pusher.keys) >= self._limit_per_client:
                return False
            if values is None:
                values = self._values[sample.name] = _Values(sample.kind)
            pusher.keys.add(key)
            self._count += 1
        assert values is not None, key
        before = values.by_labels.get(sample.labels, 0.0) if sample.is_delta else 0.0
        values.by_labels[sample.labels] = before + sample.value
        return True
