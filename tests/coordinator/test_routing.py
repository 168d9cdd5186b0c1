"""Names find their shard as Kafka's do."""

from __future__ import annotations

import pytest

from cordwood.coordinator.routing import java_hash


@pytest.mark.parametrize(
    ("text", "expected"), [("", 0), ("a", 97), ("group", 98629247), ("\U0001f600", 31 * 0xD83D + 0xDE00)]
)
def test_the_hash_is_javas(text, expected):
    assert java_hash(text) == expected


def test_the_hash_has_32_bits():
    assert java_hash("console-consumer-12345") == sum(
        ord(letter) * 31**power for power, letter in enumerate(reversed("console-consumer-12345"))
    ) % (1 << 32)
