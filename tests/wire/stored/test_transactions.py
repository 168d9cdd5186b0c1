"""Transactional producers, byte for byte as Kafka 4.3 stores them."""

from __future__ import annotations

import pytest

from cordwood.wire.compiler import decoder, encode_message
from cordwood.wire.frame import join
from cordwood.wire.stored.codec import TRANSACTION_RECORDS
from cordwood.wire.stored.transactions import TransactionLogKey, TransactionLogValue
from tests.wire.stored.objects import as_of, cases, expected_titles, titles


@pytest.mark.parametrize(("one", "version", "wire"), cases("transactions"))
def test_bytes_are_those_of_kafka(one, version, wire):
    assert join(encode_message(one, version)) == wire
    assert decoder(type(one), version)(memoryview(wire), 0) == (as_of(one, version), len(wire))


def test_every_class_and_version_has_its_bytes():
    assert titles("transactions") == expected_titles("transactions")


def test_an_empty_transaction_has_no_partitions():
    key = TRANSACTION_RECORDS.encode_key(TransactionLogKey("mover"))
    for value in (TransactionLogValue(), TransactionLogValue(transaction_partitions=[])):
        for version in (0, 1):
            assert TRANSACTION_RECORDS.decode(key, TRANSACTION_RECORDS.encode_value(value, version))[1] == value
