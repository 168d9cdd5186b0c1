"""What consumers say to each other, byte for byte against kio, and from versions to come."""

from __future__ import annotations

import io
from importlib import import_module

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kio.serial import entity_reader, entity_writer

from cordwood.model.errors import ProtocolError
from cordwood.wire.consumer_protocol import (
    ConsumerProtocolAssignment,
    ConsumerProtocolSubscription,
    TopicPartition,
    decode_assignment,
    decode_subscription,
    encode_assignment,
    encode_subscription,
)
from cordwood.wire.plan import plan
from tests.wire.samples import DIFFERENTIAL, messages, title
from tests.wire.test_against_kio import translated, visible

FORMATS = {
    ConsumerProtocolSubscription: ("consumer_protocol_subscription", encode_subscription, decode_subscription),
    ConsumerProtocolAssignment: ("consumer_protocol_assignment", encode_assignment, decode_assignment),
}


@pytest.mark.parametrize("cls", FORMATS, ids=title)
@pytest.mark.parametrize("version", range(4), ids=title)
def test_bytes_are_those_of_kio(cls, version):
    folder, encode, decode = FORMATS[cls]
    theirs = getattr(import_module(f"kio.schema.{folder}.v{version}"), cls.__name__)
    read, write, layout = entity_reader(theirs), entity_writer(theirs), plan(cls, version)

    @DIFFERENTIAL
    @given(messages(cls, version))
    def agree(content):
        wire = encode(content, version)
        assert int.from_bytes(wire[:2]) == version
        entity, size = read(wire, 2)
        assert size + 2 == len(wire)
        assert translated(entity, layout) == visible(content, layout)
        out = io.BytesIO()
        write(out, entity)
        assert out.getvalue() == wire[2:]
        assert decode(wire) == decode(memoryview(wire)) == content

    agree()


def test_a_later_version_is_read_as_the_last_that_is_known():
    subscription = ConsumerProtocolSubscription(["t"], b"x", [TopicPartition("t", [1])], 4, "east")
    assert decode_subscription(b"\x00\x09" + encode_subscription(subscription, 3)[2:] + b"more") == subscription
    assignment = ConsumerProtocolAssignment([TopicPartition("t", [1, 2])], b"x")
    assert decode_assignment(b"\x7f\xff" + encode_assignment(assignment, 3)[2:] + b"more") == assignment


def test_no_version_is_written_that_there_is_not():
    for version in (-1, 4):
        with pytest.raises(ProtocolError, match="has versions 0-3"):
            encode_assignment(ConsumerProtocolAssignment(), version)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "too short to have a version"),
        (b"\x00", "too short to have a version"),
        (b"\xff\xff\x00\x00\x00\x00", "has versions 0-3, not -1"),
        (b"\x00\x01\x00\x00\x00\x00", "ends before its last field"),
    ],
)
def test_what_is_none_is_refused(data, words):
    for decode in (decode_subscription, decode_assignment):
        with pytest.raises(ProtocolError, match=words):
            decode(data)


@given(st.binary(max_size=60))
def test_noise_is_a_protocol_error(noise):
    for decode in (decode_subscription, decode_assignment):
        for data in (noise, b"\x00\x03" + noise):
            try:
                decode(data)
            except ProtocolError:
                pass
