"""The topics of the cluster as groups see them.

Lives here: the port `Topics` of the groups over the newest image. Must not live here: decisions.
"""

from __future__ import annotations

from collections.abc import Iterable

from cordwood.groups.turn import TopicView
from cordwood.metadata import Image
from cordwood.metadata.image import Topic
from cordwood.model.ids import TopicId


class ClusterTopics:
    """Follows the image; `version` grows whenever a topic comes, goes or grows."""

    def __init__(self, image: Image) -> None:
        self.version = 0
        self._image = image

    def follow(self, image: Image) -> None:
        """A newer image."""
        if image.topics is not self._image.topics:
            self.version += 1
        self._image = image

    def find(self, name: str) -> TopicView | None:
        """The topic of this name."""
        return _view(self._image.topics.get(name))

    def find_id(self, topic_id: TopicId) -> TopicView | None:
        """The topic with this id."""
        return _view(self._image.topics_by_id.get(topic_id))

    def names(self) -> Iterable[str]:
        """The names of all topics."""
        return self._image.topics


def _view(topic: Topic | None) -> TopicView | None:
    return None if topic is None else TopicView(topic.name, topic.id, len(topic.partitions))
