"""Groups of the protocol of KIP-848, byte for byte as Kafka 4.3 stores them."""

from __future__ import annotations

import pytest

from cordwood.wire.compiler import decoder, encode_message
from cordwood.wire.frame import join
from cordwood.wire.stored.codec import GROUP_RECORDS
from cordwood.wire.stored.consumer_groups import (
    ClassicMemberMetadata,
    ConsumerGroupMemberMetadataKey,
    ConsumerGroupMemberMetadataValue,
)
from tests.wire.stored.objects import as_of, cases, expected_titles, titles


@pytest.mark.parametrize(("one", "version", "wire"), cases("consumer-groups"))
def test_bytes_are_those_of_kafka(one, version, wire):
    assert join(encode_message(one, version)) == wire
    assert decoder(type(one), version)(memoryview(wire), 0) == (as_of(one, version), len(wire))


def test_every_class_and_version_has_its_bytes():
    assert titles("consumer-groups") == expected_titles("consumer-groups")


def test_a_classic_member_is_told_from_one_of_the_new_protocol():
    values = [ConsumerGroupMemberMetadataValue(classic_member_metadata=one) for one in (None, ClassicMemberMetadata())]
    wires = [GROUP_RECORDS.encode_value(value, 0) for value in values]
    key = GROUP_RECORDS.encode_key(ConsumerGroupMemberMetadataKey("g", "m"))
    assert [GROUP_RECORDS.decode(key, wire)[1] for wire in wires] == values
