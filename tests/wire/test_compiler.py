"""Functions are made once, for versions that exist; old versions of Produce can be read in order to refuse them."""

from __future__ import annotations

import pytest

from cordwood.model.errors import ProtocolError
from cordwood.wire.compiler import Part, decoder, encode_message, encoder
from cordwood.wire.frame import join
from cordwood.wire.messages.metadata import MetadataRequest
from cordwood.wire.messages.produce import (
    PartitionProduceData,
    PartitionProduceResponse,
    ProduceRequest,
    ProduceResponse,
    TopicProduceData,
    TopicProduceResponse,
)


def test_a_function_is_made_once():
    assert encoder(MetadataRequest, 9) is encoder(MetadataRequest, 9)
    assert decoder(MetadataRequest, 9) is decoder(MetadataRequest, 9)
    assert decoder(MetadataRequest, 9) is not decoder(MetadataRequest, 8)


@pytest.mark.parametrize("version", [-1, 14])
def test_a_version_that_there_is_not_is_refused(version):
    with pytest.raises(ProtocolError, match="MetadataRequest has versions 0-13, not"):
        encoder(MetadataRequest, version)
    with pytest.raises(ProtocolError, match="MetadataRequest has versions 0-13, not"):
        decoder(MetadataRequest, version)


def test_parts_are_appended():
    parts: list[Part] = [b"before"]
    encoder(MetadataRequest, 0)(MetadataRequest(), parts)
    assert join(parts) == b"before" + join(encode_message(MetadataRequest(), 0))


def test_the_title_of_generated_code_names_the_message():
    assert encoder(MetadataRequest, 4).__code__.co_filename == "<MetadataRequest version 4>"


@pytest.mark.parametrize("version", [0, 1, 2])
def test_produce_before_version_three_can_be_read_and_refused(version):
    request = ProduceRequest(
        acks=1, timeout_ms=5, topic_data=[TopicProduceData("t", partition_data=[PartitionProduceData(7)])]
    )
    wire = join(encode_message(request, version))
    assert wire.hex() == "000100000005000000010001740000000100000007ffffffff"
    assert decoder(ProduceRequest, version)(memoryview(wire), 0) == (request, len(wire))
    answer = ProduceResponse([TopicProduceResponse("t", partition_responses=[PartitionProduceResponse(7, 35, -1)])])
    tail = {0: "", 1: "00000000", 2: "ff" * 8 + "00000000"}[version]
    assert join(encode_message(answer, version)).hex() == ("0000000100017400000001000000070023" + "ff" * 8 + tail)
