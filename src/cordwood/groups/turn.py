"""What a decision is given from outside: the time, names for new members, the topics there are, the settings.

Lives here: the `Turn` and the ports it is made of. Must not live here: decisions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple, Protocol

from cordwood.groups.settings import GroupSettings
from cordwood.model.decision import Ticket
from cordwood.model.ids import TopicId


class TopicView(NamedTuple):
    """A topic as assignors see it; partitions are numbered from 0."""

    name: str
    id: TopicId
    partition_count: int


class Topics(Protocol):
    """The topics of the cluster at one moment."""

    @property
    def version(self) -> int:
        """Grows with every change of any topic, so that what was computed from the topics can be kept until then."""
        ...

    def find(self, name: str) -> TopicView | None:
        """The topic of this name."""
        ...

    def find_id(self, topic_id: TopicId) -> TopicView | None:
        """The topic with this id."""
        ...

    def names(self) -> Iterable[str]:
        """The names of all topics."""
        ...


class Turn(NamedTuple):
    """One decision's surroundings."""

    now_ms: int
    """Milliseconds since the Unix epoch: for what is stored. What has to happen later is a Timer."""
    ticket: Ticket
    """Who is owed an answer; NO_TICKET in the turn of a timer."""
    settings: GroupSettings
    topics: Topics
    new_id: Callable[[], str]
    """A name that nobody had before: a random UUID in Kafka's base64 form."""
