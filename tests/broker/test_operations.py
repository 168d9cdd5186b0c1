"""The bits of what may be done."""

from __future__ import annotations

from cordwood.broker.operations import CLUSTER_OPERATIONS, NO_OPERATIONS, TOPIC_OPERATIONS

NUMBERS = {
    "READ": 3,
    "WRITE": 4,
    "CREATE": 5,
    "DELETE": 6,
    "ALTER": 7,
    "DESCRIBE": 8,
    "CLUSTER_ACTION": 9,
    "DESCRIBE_CONFIGS": 10,
    "ALTER_CONFIGS": 11,
    "IDEMPOTENT_WRITE": 12,
}
BOTH = {"CREATE", "ALTER", "DESCRIBE", "DESCRIBE_CONFIGS", "ALTER_CONFIGS"}


def bits(names: set[str]) -> int:
    return sum(1 << NUMBERS[name] for name in names)


def test_each_kind_has_the_operations_that_kafka_gives_it() -> None:
    assert bits(BOTH | {"READ", "WRITE", "DELETE"}) == TOPIC_OPERATIONS
    assert bits(BOTH | {"CLUSTER_ACTION", "IDEMPOTENT_WRITE"}) == CLUSTER_OPERATIONS


def test_nothing_asked_is_no_set_of_bits() -> None:
    assert NO_OPERATIONS == -0x8000_0000
