"""Decoders read what encoders write, and answer anything else with a ProtocolError that says where."""

from __future__ import annotations

import tracemalloc
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cordwood.model.errors import ProtocolError
from cordwood.wire.apis import DECLARED
from cordwood.wire.compiler import decoder, encode_message
from cordwood.wire.decode import generate_decoder, generate_decoder_source
from cordwood.wire.frame import join
from cordwood.wire.messages.join_group import JoinGroupResponse, JoinGroupResponseMember
from cordwood.wire.messages.metadata import MetadataRequest, MetadataRequestTopic
from cordwood.wire.messages.produce import PartitionProduceData, ProduceRequest, TopicProduceData
from cordwood.wire.plan import plan
from tests.wire.samples import DIFFERENTIAL, declared_messages, messages, title
from tests.wire.test_encode import FULL, Item, Leader, Sample, encoded


def decoded(wire, version, position=0):
    return generate_decoder(plan(Sample, version), "Sample")(memoryview(wire), position)


@pytest.mark.parametrize("version", [0, 1])
@pytest.mark.parametrize("message", [Sample(), FULL], ids=["defaults", "full"])
def test_what_was_written_is_read(message, version):
    wire = encoded(message, version)
    assert decoded(b"??" + wire + b"!", version, 2) == (message, len(wire) + 2)


def test_tagged_fields_are_read():
    message = Sample(leader=Leader(5), epoch=7, label="l", nodes=[Item("n", 1)])
    assert decoded(encoded(message, 1), 1)[0] == message


def test_unknown_tagged_fields_are_skipped_among_known_ones():
    wire = encoded(Sample(), 1)[:-1]
    tail = bytes.fromhex("03  00 08 0000000000000007  05 03 616263  ac02 06 02 02 6e 0001 00")
    message, position = decoded(wire + tail, 1)
    assert message == Sample(epoch=7, nodes=[Item("n", 1)])
    assert position == len(wire + tail)


@pytest.mark.parametrize(
    ("tail", "words"),
    [
        ("01 00 07 0000000000000007", "tagged field epoch ends at byte"),
        ("01 00 09 0000000000000007 00", "tagged field epoch ends at byte"),
        ("01 05 7f 00", "a tagged field at byte .* asks for 127 bytes"),
        ("01 ac02 01 00", "nodes at byte .* is null"),
        ("ff ff ff ff ff 00", "longer than 5 bytes"),
        ("01 00", "ends before its last field"),
    ],
)
def test_tagged_fields_that_lie_are_refused(tail, words):
    with pytest.raises(ProtocolError, match=words):
        decoded(encoded(Sample(), 1)[:-1] + bytes.fromhex(tail), 1)


def test_records_are_views_of_the_input():
    wire = bytearray(encoded(Sample(records=b"abcdef"), 0))
    message, _ = decoded(wire, 0)
    wire[wire.index(b"abcdef")] = ord("A")
    assert bytes(message.records) == b"Abcdef"
    assert not message.records.readonly


@pytest.mark.parametrize("version", [0, 9])
def test_bytes_are_copied_so_that_they_may_be_kept(version):
    wire = bytearray(join(encode_message(JoinGroupResponse(members=[JoinGroupResponseMember(metadata=b"m")]), version)))
    message, _ = decoder(JoinGroupResponse, version)(memoryview(wire), 0)
    wire[:] = bytes(len(wire))
    assert message.members[0].metadata == b"m"
    assert type(message.members[0].metadata) is bytes


@pytest.mark.parametrize(
    ("version", "wire", "words"),
    [
        (8, "00000001 ffff 000000", "topics.name at byte 6 is null"),
        (8, "00000001 0005 61 0000", "topics.name at byte 6 asks for 5 bytes where 3 are left"),
        (8, "fffffffe", "topics at byte 4 is null or has a negative length"),
        (0, "ffffffff", "topics at byte 4 is null or has a negative length"),
        (8, "7fffffff 0000", "topics at byte 4 asks for 4294967294 bytes where 2 are left"),
        (9, "ffffffff0f 00", "topics at byte 5 asks for"),
        (9, "02 03 c328 00 00000000", "not UTF-8"),
        (9, "ffffffffffff", "longer than 5 bytes"),
        (9, "", "MetadataRequest version 9 ends before its last field, at byte 0"),
        (9, "01 00", "ends before its last field"),
    ],
)
def test_the_error_says_what_is_wrong_and_where(version, wire, words):
    with pytest.raises(ProtocolError, match=words):
        decoder(MetadataRequest, version)(memoryview(bytes.fromhex(wire)), 0)


def test_the_first_byte_of_a_length_is_read_with_its_neighbours():
    assert "unpack_from_hiB(buffer, position)" in generate_decoder_source(plan(ProduceRequest, 9), "x").text()


@pytest.mark.parametrize(("cls", "version"), declared_messages(), ids=title)
def test_anything_else_is_a_protocol_error(cls, version):
    decode = decoder(cls, version)

    def read(wire):
        try:
            _, position = decode(memoryview(wire), 0)
        except ProtocolError:
            return
        assert position <= len(wire)

    @DIFFERENTIAL
    @given(messages(cls, version), st.binary(max_size=64), st.data())
    def refuse(message, noise, data):
        wire = bytearray(join(encode_message(message, version)))
        read(noise)
        read(wire + noise)
        if wire:
            read(wire[: data.draw(st.integers(0, len(wire) - 1))])
            place = data.draw(st.integers(0, min(len(wire) - 1, 200)))
            wire[place : place + 1] = data.draw(
                st.sampled_from([b"", b"\xff", b"\x80", b"\x00\x00", b"\x7f\xff\xff\xff"])
            )
            read(wire)

    refuse()


@settings(max_examples=20)
@given(
    st.sampled_from(sorted(DECLARED)),
    st.binary(max_size=8),
    st.sampled_from([b"\xff\xff\xff\xff\x07", b"\x7f\xff\xff\xff"]),
)
def test_a_length_that_lies_costs_nothing(key, before, length):
    wire = memoryview(before + length * 20)
    api = DECLARED[key]
    tracemalloc.start()
    try:
        for version in (api.served.first, api.served.last):
            for cls in (api.request, api.response):
                decode = decoder(cls, version)
                tracemalloc.reset_peak()
                begin, _ = tracemalloc.get_traced_memory()
                with suppress(ProtocolError):  # few of them are a message by chance
                    decode(wire, 0)
                _, peak = tracemalloc.get_traced_memory()
                assert peak - begin < 100_000
    finally:
        tracemalloc.stop()


def test_a_megabyte_of_records_is_not_copied():
    request = ProduceRequest(
        topic_data=[
            TopicProduceData(name="t", partition_data=[PartitionProduceData(records=memoryview(bytes(1 << 20)))])
        ]
    )
    decode = decoder(ProduceRequest, 9)
    wire = memoryview(join(encode_message(request, 9)))
    decode(wire, 0)
    tracemalloc.start()
    try:
        decode(wire, 0)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 10_000


def test_null_and_empty_are_not_the_same():
    everything, nothing = MetadataRequest(topics=None), MetadataRequest(topics=[])
    for version in (1, 9):
        for message in (everything, nothing):
            wire = memoryview(join(encode_message(message, version)))
            assert decoder(MetadataRequest, version)(wire, 0)[0].topics == message.topics
    assert MetadataRequest(topics=[MetadataRequestTopic(name="a")]) != nothing
