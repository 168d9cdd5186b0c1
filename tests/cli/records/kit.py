"""Records for tests: made by hand, and by hypothesis."""

from __future__ import annotations

from confluent_kafka import Message
from hypothesis import strategies

from cordwood.cli.records.message import Outgoing

HEADER_NAMES = strategies.text(strategies.characters(exclude_categories=["Cs"]), max_size=8)
DATA = (
    strategies.none()
    | strategies.binary(max_size=30)
    | strategies.text(max_size=20).map(lambda text: text.encode("utf-8", "surrogatepass"))
)
HEADERS = strategies.lists(strategies.tuples(HEADER_NAMES, DATA), max_size=4)


def message(
    value=b"value",
    key=b"key",
    headers=None,
    topic="orders",
    partition=1,
    offset=7,
    timestamp=(1, 1_700_000_000_123),
    leader_epoch=3,
):
    """A record that was consumed."""
    return Message(
        topic=topic,
        partition=partition,
        offset=offset,
        key=key,
        value=value,
        headers=headers,
        timestamp=timestamp,
        leader_epoch=leader_epoch,
    )


messages = strategies.builds(
    message,
    value=DATA,
    key=DATA,
    headers=HEADERS,
    partition=strategies.integers(0, 2**31 - 1),
    offset=strategies.integers(0, 2**63 - 1),
    timestamp=strategies.tuples(strategies.sampled_from([1, 2]), strategies.integers(0, 2**53)),
)


def outgoing(consumed):
    """What has to be produced so that the same is consumed again."""
    return Outgoing(
        consumed.key(),
        consumed.value(),
        tuple(consumed.headers() or ()),
        consumed.partition(),
        consumed.timestamp()[1] if consumed.timestamp()[0] else None,
    )
