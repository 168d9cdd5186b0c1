"""Groups of the classic protocol, byte for byte as Kafka 4.3 stores them."""

from __future__ import annotations

import pytest

from cordwood.wire.compiler import decoder, encode_message
from cordwood.wire.frame import join
from cordwood.wire.stored.classic_groups import GroupMetadataKey, GroupMetadataValue, MemberMetadata
from cordwood.wire.stored.codec import GROUP_RECORDS
from tests.wire.stored.objects import as_of, cases, expected_titles, titles


@pytest.mark.parametrize(("one", "version", "wire"), cases("classic-groups"))
def test_bytes_are_those_of_kafka(one, version, wire):
    assert join(encode_message(one, version)) == wire
    assert decoder(type(one), version)(memoryview(wire), 0) == (as_of(one, version), len(wire))


def test_every_class_and_version_has_its_bytes():
    assert titles("classic-groups") == expected_titles("classic-groups")


def test_early_versions_know_neither_instances_nor_rebalance_timeouts():
    value = GroupMetadataValue(members=[MemberMetadata("m", "first", rebalance_timeout=9)])
    wire = GROUP_RECORDS.encode_value(value, 0)
    _, read = GROUP_RECORDS.decode(GROUP_RECORDS.encode_key(GroupMetadataKey("g")), wire)
    assert read == GroupMetadataValue(members=[MemberMetadata("m")])
