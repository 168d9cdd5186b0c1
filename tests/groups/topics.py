"""Topics for tests of groups: what the metadata would say."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from cordwood.groups.turn import TopicView
from cordwood.model.ids import TopicId


class FakeTopics:
    """A changeable set of topics that keeps the `Topics` port."""

    def __init__(self, **partition_counts: int) -> None:
        self.version = 0
        self._topics: dict[str, TopicView] = {}
        self._deletions = 0
        for name, count in partition_counts.items():
            self.put(name, count)

    def put(self, name: str, partition_count: int) -> None:
        """Makes the topic, or gives it so many partitions."""
        before = self._topics.get(name)
        self._topics[name] = TopicView(name, before.id if before else self._new_id(name), partition_count)
        self.version += 1

    def remove(self, name: str) -> None:
        """Deletes the topic."""
        del self._topics[name]
        self._deletions += 1
        self.version += 1

    def find(self, name: str) -> TopicView | None:
        return self._topics.get(name)

    def find_id(self, topic_id: TopicId) -> TopicView | None:
        return next((topic for topic in self._topics.values() if topic.id == topic_id), None)

    def names(self) -> Iterable[str]:
        return list(self._topics)

    def _new_id(self, name: str) -> TopicId:
        """An id that no deleted topic of that name had."""
        return TopicId(hashlib.md5(f"{name}{self._deletions or ''}".encode()).digest())
