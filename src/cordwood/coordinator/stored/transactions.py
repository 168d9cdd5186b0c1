"""Transactional ids as they are kept: Kafka's TransactionLogKey and TransactionLogValue.

Lives here: their fields, and records to bytes and back. Must not live here: records of groups (`codec`).

A value is written in version 1, which has what KIP-890 needs, as Kafka does once transaction version 2 is on. In the state
Empty it has null for partitions. Where Kafka has no field for the epoch before the last (`last_producer_epoch`) none is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from cordwood.model.decision import Record
from cordwood.model.errors import ProtocolError
from cordwood.model.ids import TopicPartition
from cordwood.txns.records import TransactionRemoved, TransactionStored
from cordwood.txns.transitions import STORED_CODES, State
from cordwood.wire.stored.codec import TRANSACTION_RECORDS, UnknownRecordType
from cordwood.wire.stored.transactions import TransactionLogKey, TransactionLogValue, TransactionPartitions

VERSION: Final = 1

_STATES: Final[Mapping[int, State]] = MappingProxyType({code: state for state, code in STORED_CODES.items()})


def encode(record: Record) -> tuple[bytes, bytes | None]:
    """Key and value of a stored record."""
    assert isinstance(record, TransactionStored | TransactionRemoved), f"not a record of transactions: {record!r}"
    key = TRANSACTION_RECORDS.encode_key(TransactionLogKey(transactional_id=record.transactional_id))
    if isinstance(record, TransactionRemoved):
        return key, None
    return key, TRANSACTION_RECORDS.encode_value(_value_of(record), VERSION)


def decode(key: bytes, value: bytes | None) -> Record | None:
    """The record again; None for one of a type that is not known here. Raises ProtocolError."""
    try:
        found, content = TRANSACTION_RECORDS.decode(key, value)
    except UnknownRecordType:
        return None
    assert isinstance(found, TransactionLogKey), found
    if content is None:
        return TransactionRemoved(found.transactional_id)
    assert isinstance(content, TransactionLogValue), content
    return _stored(found.transactional_id, content)


def _value_of(record: TransactionStored) -> TransactionLogValue:
    return TransactionLogValue(
        producer_id=record.producer_id,
        previous_producer_id=record.previous_producer_id,
        next_producer_id=record.next_producer_id,
        producer_epoch=record.producer_epoch,
        next_producer_epoch=record.next_producer_epoch,
        transaction_timeout_ms=record.timeout_ms,
        transaction_status=STORED_CODES[record.state],
        transaction_partitions=None if record.state is State.EMPTY else _by_topic(record.partitions),
        transaction_last_update_timestamp_ms=record.updated_ms,
        transaction_start_timestamp_ms=record.started_ms,
        client_transaction_version=record.client_version,
    )


def _by_topic(partitions: Iterable[TopicPartition]) -> list[TransactionPartitions]:
    ids: dict[str, list[int]] = {}
    for topic, partition in sorted(partitions):
        ids.setdefault(topic, []).append(partition)
    return [TransactionPartitions(topic=topic, partition_ids=found) for topic, found in ids.items()]


def _stored(transactional_id: str, value: TransactionLogValue) -> TransactionStored:
    state = _STATES.get(value.transaction_status)
    if state is None:
        raise ProtocolError(f"{transactional_id!r} is stored in the state {value.transaction_status}, which is none")
    return TransactionStored(
        transactional_id,
        value.producer_id,
        value.producer_epoch,
        value.transaction_timeout_ms,
        value.transaction_last_update_timestamp_ms,
        state,
        frozenset(
            TopicPartition(topic.topic, partition)
            for topic in value.transaction_partitions or ()
            for partition in topic.partition_ids
        ),
        value.transaction_start_timestamp_ms,
        value.previous_producer_id,
        value.next_producer_id,
        value.next_producer_epoch,
        value.client_transaction_version,
    )
