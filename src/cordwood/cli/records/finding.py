"""Which topics and partitions are meant, and from where to where in each.

Lives here: asking the cluster for them, and the end of the program where something is not there. Must not live here:
consuming.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar

import click
from confluent_kafka import KafkaError

from cordwood.cli.client.errors import exit_of, words_of
from cordwood.cli.client.offsets import bounds, resolve
from cordwood.cli.records.windows import Wanted, Window, Windows
from cordwood.cli.terminal.exits import Exit, fail, warn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from cordwood.cli.client.connecting import Cluster
    from cordwood.cli.client.offsets import Bounds, Place

T = TypeVar("T")


def is_pattern(topic: str) -> bool:
    """Whether a topic is a regular expression, which may mean several."""
    return topic.startswith("^")


def find_topics(kafka: Cluster, topics: Iterable[str]) -> dict[str, list[int]]:
    """The partitions of the topics that are meant. Ends the program if one is not there."""
    found: dict[str, list[int]] = {}
    named = [topic for topic in topics if not is_pattern(topic)]
    for name, described in kafka.topics(named):
        if isinstance(described, KafkaError):
            fail(missing_topic(name, described), exit_of(described))
        found[name] = sorted(partition.id for partition in described.partitions)
    for pattern in filter(is_pattern, topics):
        found |= _matching(kafka, pattern)
    return found


def missing_topic(topic: str, error: KafkaError) -> str:
    """What is told of a topic that cannot be used."""
    if exit_of(error) is Exit.NOT_FOUND:
        return f"there is no topic {topic}; `cordwood topic list` shows those there are"
    return f"{topic}: {words_of(error)}"


def find_windows(
    kafka: Cluster, topics: Iterable[str], partitions: frozenset[int] | None, wanted: Wanted, *, is_committed: bool
) -> Windows:
    """What is to be consumed. Ends the program if a topic or partition is not there."""
    places = [
        (topic, partition)
        for topic, there in find_topics(kafka, topics).items()
        for partition in _chosen(topic, there, partitions)
    ]
    known = {place: _known(place, found) for place, found in bounds(kafka, places, is_committed=is_committed).items()}
    times = {point: resolve(kafka, places, point, is_committed=is_committed) for point in wanted.points}
    windows = {
        place: wanted.window(ends, {point: _known(place, found[place]) for point, found in times.items()})
        for place, ends in known.items()
    }
    _tell_what_is_gone(windows, known)
    return Windows(windows, follows=wanted.follows)


def _matching(kafka: Cluster, pattern: str) -> dict[str, list[int]]:
    """The topics that a regular expression fits; internal ones only if it names their underscores."""
    try:
        matches: Callable[[str], object] = re.compile(pattern).search
    except re.error as error:
        raise click.BadParameter(f"{pattern!r} is no regular expression: {error}", param_hint="TOPIC") from error
    is_internal_meant = pattern.startswith("^__")
    found = {
        name: sorted(described.partitions)
        for name, described in sorted(kafka.metadata().topics.items())
        if matches(name) and (is_internal_meant or not name.startswith("__"))
    }
    if not found:
        fail(f"no topic matches {pattern}", Exit.NOT_FOUND)
    return found


def _chosen(topic: str, there: list[int], wanted: frozenset[int] | None) -> list[int]:
    if wanted is None:
        return there
    absent = sorted(wanted.difference(there))
    if absent:
        fail(f"{topic} has no partition {absent[0]}: it has {len(there)}, from 0 on", Exit.NOT_FOUND)
    return sorted(wanted)


def _known(place: Place, found: T | KafkaError) -> T:
    if isinstance(found, KafkaError):
        fail(f"{place[0]}-{place[1]}: {words_of(found)}", exit_of(found))
    return found


def _tell_what_is_gone(windows: dict[Place, Window], known: dict[Place, Bounds]) -> None:
    for (topic, partition), window in windows.items():
        first = known[topic, partition].start
        if window.start < first and not window.is_empty:
            warn(f"{topic}-{partition}: offset {window.start} is gone; the first that is there is {first}")
