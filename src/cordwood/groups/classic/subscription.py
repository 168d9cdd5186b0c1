"""The topics inside the subscription of a consumer: all that the coordinator ever reads of a member's metadata.

Lives here: reading them. Must not live here: the rest of the consumer protocol, which belongs to the clients. Every
version of a subscription begins alike, so that newer ones are read as well:

    +---------+-------------+-----------------------------------+----------------------------+
    | version | topic count | for each topic: length and UTF-8  | user data, and what newer  |
    | int16   | int32       | int16 + bytes                     | versions have: passed over |
    +---------+-------------+-----------------------------------+----------------------------+
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import Final

_HEAD: Final = struct.Struct(">hi")
_LENGTH: Final = struct.Struct(">h")


def subscribed_topics(subscriptions: Iterable[bytes]) -> frozenset[str] | None:
    """All topics in these subscriptions; None when one of them cannot be read."""
    topics: set[str] = set()
    for subscription in subscriptions:
        read = topics_of(subscription)
        if read is None:
            return None
        topics.update(read)
    return frozenset(topics)


def topics_of(subscription: bytes) -> list[str] | None:
    """The topics of one subscription; None when the bytes are none."""
    try:
        version, count = _HEAD.unpack_from(subscription)
        return _read_names(subscription, count) if version >= 0 and count >= 0 else None
    except (struct.error, UnicodeDecodeError):
        return None


def _read_names(subscription: bytes, count: int) -> list[str] | None:
    names = []
    position = _HEAD.size
    for _ in range(count):
        (length,) = _LENGTH.unpack_from(subscription, position)
        position += _LENGTH.size
        name = subscription[position : position + length]
        if length < 0 or len(name) < length:
            return None
        names.append(name.decode())
        position += length
    return names
