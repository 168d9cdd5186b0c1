"""Transactional ids are kept in the bytes that Kafka writes, and come back as they were."""

from __future__ import annotations

import pytest

from cordwood.coordinator.stored.transactions import decode, encode
from cordwood.model.errors import ProtocolError
from cordwood.model.ids import TopicPartition
from cordwood.txns.records import TransactionRemoved, TransactionStored
from cordwood.txns.transitions import STORED_CODES, State

PARTITIONS = frozenset(
    {TopicPartition("orders", 2), TopicPartition("orders", 0), TopicPartition("__consumer_offsets", 7)}
)
FULL = TransactionStored(
    "payments",
    1 << 40,
    32_766,
    60_000,
    1_700_000_000_000,
    State.PREPARE_ABORT,
    PARTITIONS,
    1_600_000_000_000,
    7,
    8,
    9,
    2,
)
KEY = b"\0\0\0\x08payments"


@pytest.mark.parametrize("state", [state for state in State if state in STORED_CODES], ids=lambda state: state.value)
def test_an_id_comes_back_in_every_state(state):
    record = TransactionStored("payments", 5, 1, 60_000, 9, state, frozenset() if state is State.EMPTY else PARTITIONS)
    assert decode(*encode(record)) == record


def test_every_field_comes_back():
    assert decode(*encode(FULL)) == FULL


def test_a_removal_has_no_value():
    assert encode(TransactionRemoved("payments")) == (KEY, None)
    assert decode(KEY, None) == TransactionRemoved("payments")


def test_the_bytes_of_a_new_id():
    key, value = encode(TransactionStored("payments", 5, 1, 60_000, 9))
    assert key == KEY
    assert value == (
        b"\0\1" + (5).to_bytes(8, "big") + b"\0\1" + (60_000).to_bytes(4, "big") + b"\0"
        b"\0" + (9).to_bytes(8, "big") + b"\xff" * 8 + b"\0"
    ), "no partitions are null, and what has its default is in no tag"


def test_what_an_old_kafka_wrote_is_read():
    value = (
        b"\0\0" + (5).to_bytes(8, "big") + b"\0\1" + (60_000).to_bytes(4, "big") + b"\1" + b"\0\0\0\1"
        b"\0\6orders" + b"\0\0\0\1" + b"\0\0\0\3" + (9).to_bytes(8, "big") + (8).to_bytes(8, "big")
    )
    partitions = frozenset({TopicPartition("orders", 3)})
    assert decode(KEY, value) == TransactionStored("payments", 5, 1, 60_000, 9, State.ONGOING, partitions, 8)


def test_what_is_tried_once_is_not_stored():
    _, value = encode(FULL)
    found = decode(KEY, value)
    assert isinstance(found, TransactionStored)
    assert found.last_producer_epoch == -1


def test_a_record_of_a_later_kafka_is_passed_over():
    assert decode(b"\x03\xe7whatever", b"whatever") is None


@pytest.mark.parametrize("value", [b"", b"\0\x09", b"\0\1" + bytes(14) + b"\x09" + bytes(18)])
def test_what_cannot_be_read_is_an_error(value):
    with pytest.raises(ProtocolError):
        decode(KEY, value)
