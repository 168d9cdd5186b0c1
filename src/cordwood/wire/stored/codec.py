"""From records of internal topics to objects and back.

    key     type int16     | fields of the key, always in the layout of version 0
    value   version int16  | fields of the value; no value at all: the key is gone (a tombstone)

    GROUP_RECORDS.encode_key(OffsetCommitKey(group="g", topic="t"))   -> bytes
    GROUP_RECORDS.encode_value(OffsetCommitValue(offset=5), 3)        -> bytes
    GROUP_RECORDS.decode(key, value)                                  -> (OffsetCommitKey, OffsetCommitValue)

Lives here: which type is which class, and the two numbers in front. Must not live here: declarations, and what a record
means.
"""

from __future__ import annotations

from collections.abc import Mapping
from struct import Struct, error
from typing import Final, TypeAlias

from cordwood.model.errors import ProtocolError
from cordwood.wire.compiler import Part, decoder, encoder
from cordwood.wire.frame import join
from cordwood.wire.schema import Format
from cordwood.wire.stored.classic_groups import GroupMetadataKey, GroupMetadataValue
from cordwood.wire.stored.consumer_groups import (
    ConsumerGroupCurrentMemberAssignmentKey,
    ConsumerGroupCurrentMemberAssignmentValue,
    ConsumerGroupMemberMetadataKey,
    ConsumerGroupMemberMetadataValue,
    ConsumerGroupMetadataKey,
    ConsumerGroupMetadataValue,
    ConsumerGroupPartitionMetadataKey,
    ConsumerGroupPartitionMetadataValue,
    ConsumerGroupRegularExpressionKey,
    ConsumerGroupRegularExpressionValue,
    ConsumerGroupTargetAssignmentMemberKey,
    ConsumerGroupTargetAssignmentMemberValue,
    ConsumerGroupTargetAssignmentMetadataKey,
    ConsumerGroupTargetAssignmentMetadataValue,
)
from cordwood.wire.stored.group_offsets import OffsetCommitKey, OffsetCommitValue
from cordwood.wire.stored.transactions import TransactionLogKey, TransactionLogValue

RecordTypes: TypeAlias = "Mapping[int, tuple[type[Format], type[Format]]]"
"""The classes of key and value by the type in front of the key."""

_NUMBER: Final = Struct(">h")
_NUMBER_SIZE_BYTES: Final = _NUMBER.size


class UnknownRecordType(ProtocolError):
    """A key of a type that is not in the table: a later Kafka wrote it, or another feature; the reader may pass over it."""

    def __init__(self, record_type: int) -> None:
        super().__init__(f"a record of type {record_type} is none that is known here; it can be passed over")
        self.record_type = record_type


class RecordCodec:
    """Writes and reads the records of one internal topic."""

    def __init__(self, types: RecordTypes) -> None:
        """Takes the table of types; a class with two types is written with the higher one."""
        self._types = types
        self._prefixes = {key: _NUMBER.pack(number) for number, (key, _) in sorted(types.items())}

    def encode_key(self, key: Format) -> bytes:
        """The bytes of a key; KeyError if the topic has no such key."""
        cls = type(key)
        parts: list[Part] = [self._prefixes[cls]]
        encoder(cls, 0)(key, parts)
        return join(parts)

    def encode_value(self, value: Format, version: int) -> bytes:
        """The bytes of a value; ProtocolError for a version that there is not."""
        parts: list[Part] = [_NUMBER.pack(version)]
        encoder(type(value), version)(value, parts)
        return join(parts)

    def decode(self, key: bytes | memoryview, value: bytes | memoryview | None) -> tuple[Format, Format | None]:
        """The objects of a record; the value is None for a tombstone.

        Bytes after the last field are passed over, as Kafka does.

        :raises UnknownRecordType: for a key of a type that is not known, whatever comes after the type
        :raises ProtocolError: for bytes that are no such key or value, or a version that is not known
        """
        record_type = _number(key, "key")
        classes = self._types.get(record_type)
        if classes is None:
            raise UnknownRecordType(record_type)
        key_class, value_class = classes
        key_object, _ = decoder(key_class, 0)(memoryview(key), _NUMBER_SIZE_BYTES)
        if value is None:
            return key_object, None
        version = _number(value, "value")
        value_object, _ = decoder(value_class, version)(memoryview(value), _NUMBER_SIZE_BYTES)
        return key_object, value_object


def _number(data: bytes | memoryview, name: str) -> int:
    try:
        number: int = _NUMBER.unpack_from(data)[0]
    except error as cause:
        raise ProtocolError(f"a {name} of {len(data)} bytes is too short for a record of an internal topic") from cause
    return number


# Offsets of type 0 are those that Kafka wrote before 0.9; nothing but their number tells them from type 1.
GROUP_RECORDS: Final = RecordCodec(
    {
        0: (OffsetCommitKey, OffsetCommitValue),
        1: (OffsetCommitKey, OffsetCommitValue),
        2: (GroupMetadataKey, GroupMetadataValue),
        3: (ConsumerGroupMetadataKey, ConsumerGroupMetadataValue),
        4: (ConsumerGroupPartitionMetadataKey, ConsumerGroupPartitionMetadataValue),
        5: (ConsumerGroupMemberMetadataKey, ConsumerGroupMemberMetadataValue),
        6: (ConsumerGroupTargetAssignmentMetadataKey, ConsumerGroupTargetAssignmentMetadataValue),
        7: (ConsumerGroupTargetAssignmentMemberKey, ConsumerGroupTargetAssignmentMemberValue),
        8: (ConsumerGroupCurrentMemberAssignmentKey, ConsumerGroupCurrentMemberAssignmentValue),
        16: (ConsumerGroupRegularExpressionKey, ConsumerGroupRegularExpressionValue),
    }
)
"""The records of __consumer_offsets."""

TRANSACTION_RECORDS: Final = RecordCodec({0: (TransactionLogKey, TransactionLogValue)})
"""The records of __transaction_state."""
