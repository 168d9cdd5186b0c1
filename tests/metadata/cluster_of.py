"""Small clusters for the tests of metadata.

Lives here: images and ids made in one line. Must not live here: tests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count

from cordwood.metadata import EMPTY, Endpoint, Image, brokers, replay_all, topics
from cordwood.metadata.result import Result
from cordwood.model.ids import BrokerId, TopicId


def id_of(number: int) -> TopicId:
    """A topic id that shows its number."""
    return TopicId(number.to_bytes(16, "big"))


def ids(first: int = 1000) -> Callable[[], TopicId]:
    """A source of topic ids that count up."""
    numbers: Iterator[int] = count(first)
    return lambda: id_of(next(numbers))


def registration(number: int, *, clean: bool = True) -> brokers.Registration:
    """A broker that starts on the loopback."""
    endpoint = Endpoint("PLAINTEXT", "127.0.0.1", 9092)
    return brokers.Registration(BrokerId(number), b"incarnation" + bytes([number]), (endpoint,), clean=clean)


def after(image: Image, result: Result[object]) -> Image:
    """The image once a decision has taken effect."""
    return replay_all(image, result.records)


def cluster_of(*numbers: int) -> Image:
    """A cluster of these brokers, without topics."""
    image = EMPTY
    for number in numbers:
        image = after(image, brokers.register(image, registration(number)))
    return image


def with_topics(image: Image, *wanted: topics.NewTopic | str) -> Image:
    """The image with these topics; a name stands for a topic with the defaults."""
    items = [topics.NewTopic(item) if isinstance(item, str) else item for item in wanted]
    first = 1000 + 1000 * len(image.topics)
    result = topics.create(image, items, new_id=ids(first), defaults=topics.TopicDefaults())
    for created in result.reply:
        assert created.error is None, created.error
    return after(image, result)
