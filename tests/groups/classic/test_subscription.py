"""Topics are read from subscriptions of every version; bytes that are none have none."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordwood.groups.classic.subscription import subscribed_topics, topics_of


def subscription(*topics: str, version: int = 0) -> bytes:
    """A subscription, with some user data behind the topics."""
    names = b"".join(struct.pack(">h", len(name.encode())) + name.encode() for name in topics)
    return struct.pack(">hi", version, len(topics)) + names + struct.pack(">i", 3) + b"abc"


@pytest.mark.parametrize("version", [0, 1, 2, 3, 9])
def test_topics_are_read_from_every_version(version):
    assert topics_of(subscription("orders", "größe", version=version)) == ["orders", "größe"]


def test_a_subscription_may_be_empty():
    assert topics_of(subscription()) == []


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0\0\0\0",
        b"\xff\xff\0\0\0\0",
        struct.pack(">hi", 0, -1),
        struct.pack(">hih", 0, 1, -1),
        struct.pack(">hih", 0, 1, 5) + b"four",
        struct.pack(">hih", 0, 1, 1) + b"\xff",
        struct.pack(">hi", 0, 2_000_000_000),
    ],
)
def test_other_bytes_have_no_topics(data):
    assert topics_of(data) is None


@given(st.binary())
def test_any_bytes_are_read_or_not(data):
    topics = topics_of(data)
    assert topics is None or all(isinstance(topic, str) for topic in topics)


def test_topics_of_many_are_added_up():
    assert subscribed_topics([subscription("a", "b"), subscription("b", "c")]) == {"a", "b", "c"}
    assert subscribed_topics([]) == frozenset()
    assert subscribed_topics([subscription("a"), b"?"]) is None
