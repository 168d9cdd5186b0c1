"""The embedded consumer protocol: the bytes of Kafka's own clients, and whatever else may come."""

from __future__ import annotations

import io
import struct
from importlib import import_module

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kio.serial import entity_reader, entity_writer

from cordwood.groups.embedded import (
    Assignment,
    Subscription,
    read_assignment,
    read_subscription,
    read_topics,
    write_assignment,
    write_subscription,
)

NAMES = st.text("abc-é", min_size=1, max_size=5)
PARTITIONS = st.dictionaries(NAMES, st.lists(st.integers(0, 2**31 - 1), max_size=4).map(tuple), max_size=3)


def test_a_subscription_of_version_0_as_librdkafka_writes_it():
    data = b"\x00\x00" + b"\x00\x00\x00\x01" + b"\x00\x06orders" + b"\xff\xff\xff\xff"
    assert read_subscription(data) == Subscription(("orders",), version=0)
    assert write_subscription(Subscription(("orders",), version=0)) == data


def test_an_assignment_as_the_java_client_writes_it():
    data = b"\x00\x03" + b"\x00\x00\x00\x01" + b"\x00\x01t" + b"\x00\x00\x00\x02" + b"\x00\x00\x00\x00\x00\x00\x00\x05"
    data += b"\xff\xff\xff\xff"
    assert read_assignment(data) == Assignment({"t": (0, 5)})
    assert write_assignment(Assignment({"t": (0, 5)})) == data


def test_a_later_version_is_read_as_far_as_it_is_known():
    data = write_subscription(Subscription(("t",), rack_id="r1"))
    later = b"\x00\x09" + data[2:] + b"what nobody knows yet"
    assert read_subscription(later) == Subscription(("t",), rack_id="r1")


def test_no_bytes_are_no_assignment_and_no_subscription():
    assert read_assignment(b"") == Assignment()
    assert read_subscription(b"") is None


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xff\x00\x00\x00\x00\xff\xff\xff\xff",
        b"\x00\x00\x7f\xff\xff\xff",
        b"\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\x00\x00\x00\x00\x00\x01\x00\x02\xff\xfe\xff\xff\xff\xff",
        b"not this protocol at all",
    ],
)
def test_what_makes_no_sense_is_none(data):
    assert read_subscription(data) is None
    assert read_assignment(data) is None


@given(
    topics=st.lists(NAMES, max_size=3).map(tuple),
    user_data=st.none() | st.binary(max_size=5),
    owned=PARTITIONS,
    generation=st.integers(-1, 2**31 - 1),
    rack_id=st.none() | NAMES,
)
def test_a_subscription_is_read_as_it_was_written(topics, user_data, owned, generation, rack_id):
    subscription = Subscription(topics, user_data, owned, generation, rack_id)
    assert read_subscription(write_subscription(subscription)) == subscription


@given(partitions=PARTITIONS, user_data=st.none() | st.binary(max_size=5))
def test_an_assignment_is_read_as_it_was_written(partitions, user_data):
    assignment = Assignment(partitions, user_data)
    assert read_assignment(write_assignment(assignment)) == assignment


@settings(max_examples=300)
@given(data=st.binary(max_size=40))
def test_no_bytes_make_a_reader_fail(data):
    read_subscription(data)
    read_assignment(data)


@pytest.mark.parametrize("version", range(4))
@settings(max_examples=25)
@given(
    topics=st.lists(NAMES, max_size=3),
    user_data=st.none() | st.binary(max_size=4),
    owned=PARTITIONS,
    generation=st.integers(-1, 9),
    rack=st.none() | NAMES,
)
def test_subscriptions_are_those_of_kio(version, topics, user_data, owned, generation, rack):
    kio = import_module(f"kio.schema.consumer_protocol_subscription.v{version}.data")
    since = {1: {"owned": owned}, 2: {"generation": generation}, 3: {"rack_id": rack}}
    fields = {name: value for first, pair in since.items() if version >= first for name, value in pair.items()}
    subscription = Subscription(tuple(topics), user_data, version=version, **fields)
    data = write_subscription(subscription)
    theirs, size = entity_reader(kio.ConsumerProtocolSubscription)(data, 2)
    assert size == len(data) - 2
    assert (list(theirs.topics), theirs.user_data) == (topics, user_data)
    if version >= 1:
        assert {one.topic: tuple(one.partitions) for one in theirs.owned_partitions} == owned
    if version >= 2:
        assert theirs.generation_id == generation
    if version >= 3:
        assert theirs.rack_id == rack
    out = io.BytesIO()
    entity_writer(kio.ConsumerProtocolSubscription)(out, theirs)
    assert read_subscription(data[:2] + out.getvalue()) == subscription


@pytest.mark.parametrize("version", range(4))
@settings(max_examples=25)
@given(partitions=PARTITIONS, user_data=st.none() | st.binary(max_size=4))
def test_assignments_are_those_of_kio(version, partitions, user_data):
    kio = import_module(f"kio.schema.consumer_protocol_assignment.v{version}.data")
    assignment = Assignment(partitions, user_data, version)
    data = write_assignment(assignment)
    theirs, size = entity_reader(kio.ConsumerProtocolAssignment)(data, 2)
    assert size == len(data) - 2
    assert {one.topic: tuple(one.partitions) for one in theirs.assigned_partitions} == partitions
    out = io.BytesIO()
    entity_writer(kio.ConsumerProtocolAssignment)(out, theirs)
    assert read_assignment(data[:2] + out.getvalue()) == assignment


@pytest.mark.parametrize("version", [0, 1, 2, 3, 9])
def test_topics_are_read_whatever_stands_behind_them(version):
    whole = write_subscription(Subscription(("orders", "größe"), version=3))
    topics = whole[2:23]
    assert read_topics(struct.pack(">h", version) + topics) == ("orders", "größe")
    assert read_topics(struct.pack(">h", version) + topics + b"?") == ("orders", "größe")


@pytest.mark.parametrize(
    "data", [b"", b"\0\0\0\0", b"\xff\xff\0\0\0\0", b"\0\0\x7f\xff\xff\xff", b"\0\0\0\0\0\1\0\1\xff"]
)
def test_other_bytes_have_no_topics(data):
    assert read_topics(data) is None
