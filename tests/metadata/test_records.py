"""The bytes of records."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordwood.metadata.image import Endpoint, EntityPart
from cordwood.metadata.records import (
    ClusterRecord,
    ConfigRecord,
    FeatureRecord,
    PartitionChange,
    PartitionRecord,
    ProducerIdsRecord,
    QuorumNodeRecord,
    QuotaRecord,
    RegisterBroker,
    RemoveQuorumNode,
    RemoveTopic,
    TopicRecord,
    UnregisterBroker,
    decode,
    encode,
)
from cordwood.model.errors import InvalidMetadata
from tests.metadata.cluster_of import id_of

NUMBERS = st.integers(-1, (1 << 31) - 1)
IDS = st.integers(0, (1 << 128) - 1).map(id_of)
BROKERS = st.lists(NUMBERS, max_size=4).map(tuple)
ENDPOINTS = st.builds(Endpoint, st.text(max_size=9), st.text(max_size=9), st.integers(0, 65535), st.text(max_size=9))
PARTS = st.builds(EntityPart, st.text(max_size=9), st.none() | st.text(max_size=9))
RECORDS = st.one_of(
    st.builds(ClusterRecord, st.text(max_size=30)),
    st.builds(TopicRecord, st.text(max_size=30), IDS),
    st.builds(PartitionRecord, IDS, NUMBERS, BROKERS),
    st.builds(PartitionChange, IDS, NUMBERS, NUMBERS, NUMBERS, BROKERS),
    st.builds(RemoveTopic, IDS),
    st.builds(ConfigRecord, NUMBERS, st.text(max_size=9), st.text(max_size=9), st.none() | st.text(max_size=9)),
    st.builds(
        QuotaRecord,
        st.lists(PARTS, max_size=2).map(tuple),
        st.text(max_size=9),
        st.none() | st.floats(allow_nan=False, allow_infinity=False),
    ),
    st.builds(FeatureRecord, st.text(max_size=9), NUMBERS),
    st.builds(ProducerIdsRecord, NUMBERS, st.integers(0, (1 << 63) - 1)),
    st.builds(
        RegisterBroker,
        NUMBERS,
        NUMBERS,
        st.binary(max_size=16),
        st.lists(ENDPOINTS, max_size=3).map(tuple),
        st.none() | st.text(max_size=9),
    ),
    st.builds(UnregisterBroker, NUMBERS),
    st.builds(QuorumNodeRecord, NUMBERS, st.binary(min_size=16, max_size=16), ENDPOINTS),
    st.builds(RemoveQuorumNode, NUMBERS),
)


@given(RECORDS)
def test_a_record_comes_back(record):
    assert decode(encode(record)) == record
    assert decode(memoryview(encode(record))) == record


@given(st.binary(max_size=60))
def test_any_bytes_are_a_record_or_an_error(data):
    for attempt in (data, b"\x01" + data):
        try:
            decode(attempt)
        except InvalidMetadata:
            continue


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "version none"),
        (b"\x01", "version 1"),
        (b"\x02\x80", "version 2"),
        (b"\x01\x80", "cannot be read"),
        (b"\x01" + msgspec.msgpack.encode({"type": "from the future"}), "from the future"),
        (b"\x01" + msgspec.msgpack.encode({"type": "topic", "name": 5}), "cannot be read"),
    ],
)
def test_what_is_not_known_is_not_guessed_at(data, words):
    with pytest.raises(InvalidMetadata, match=words):
        decode(data)


def test_fields_of_a_later_cordwood_are_passed_over():
    later = {"type": "cluster", "cluster_id": "x", "founded_at": 12}
    assert decode(b"\x01" + msgspec.msgpack.encode(later)) == ClusterRecord("x")
