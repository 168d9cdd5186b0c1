"""Frames are cut wherever the stream stops, and what is no frame is named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordwood.model.errors import ProtocolError
from cordwood.wire.apis import APIS, ApiKey
from cordwood.wire.compiler import decoder
from cordwood.wire.frame import frame_size, join, request_frame, response_frame, split_frames
from cordwood.wire.header import parse_request_header, parse_response_header
from cordwood.wire.messages.api_versions import ApiVersionsResponse
from cordwood.wire.messages.fetch import FetchableTopicResponse, FetchResponse, PartitionData
from cordwood.wire.messages.metadata import MetadataRequest, MetadataRequestTopic, MetadataResponse

LIMIT = 1000


def framed(body):
    return len(body).to_bytes(4, "big") + body


bodies = st.lists(st.binary(max_size=40), max_size=5)


@given(bodies, st.integers(0, 200))
def test_frames_are_cut_wherever_the_stream_stops(written, length):
    stream = b"".join(map(framed, written))[:length]
    found = split_frames(memoryview(stream), LIMIT)
    assert [bytes(frame) for frame in found.frames] == written[: len(found.frames)]
    assert found.consumed == sum(4 + len(frame) for frame in found.frames)
    rest = stream[found.consumed :]
    assert found.needed >= 1
    following = written[len(found.frames) :]
    if following:
        whole = framed(following[0])
        missing = 4 if len(rest) < 4 else len(whole)
        assert found.needed == missing - len(rest)


def test_frames_are_views_of_what_was_received():
    received = bytearray(framed(b"one") + framed(b"two"))
    frames, _, _ = split_frames(memoryview(received), LIMIT)
    received[4:7] = b"ONE"
    assert bytes(frames[0]) == b"ONE"


@pytest.mark.parametrize(
    ("first", "words"),
    [
        (b"GET / HTTP/1.1\r\n", "speaks HTTP"),
        (b"POST /topics HTTP/1.1\r\n", "speaks HTTP"),
        (b"PRI * HTTP/2.0\r\n", "speaks HTTP"),
        (bytes.fromhex("16030102000100"), "TLS handshake"),
        (bytes.fromhex("ffffffff"), "negative length -1"),
        (bytes.fromhex("000003e9"), "1001 bytes, over the limit of 1000"),
    ],
)
def test_what_is_no_frame_is_named(first, words):
    with pytest.raises(ProtocolError, match=words):
        split_frames(memoryview(first), LIMIT)


def test_the_largest_frame_is_taken():
    assert len(split_frames(memoryview(framed(bytes(LIMIT))), LIMIT).frames[0]) == LIMIT


def test_good_frames_come_before_the_error():
    stream = memoryview(framed(b"good") + b"\xff\xff\xff\xff")
    found = split_frames(stream, LIMIT)
    assert [bytes(frame) for frame in found.frames] == [b"good"]
    with pytest.raises(ProtocolError, match="negative"):
        split_frames(stream[found.consumed :], LIMIT)


@pytest.mark.parametrize("version", [8, 9])
def test_a_request_frame_is_read_back(version):
    request = MetadataRequest(topics=[MetadataRequestTopic(name="orders")])
    stream = memoryview(join(request_frame(ApiKey.METADATA, version, 9, "test", request)))
    (frame,), consumed, _ = split_frames(stream, LIMIT)
    assert consumed == len(stream)
    header = parse_request_header(frame)
    assert (header.api_key, header.api_version, header.correlation_id, header.client_id) == (3, version, 9, "test")
    assert decoder(MetadataRequest, version)(frame, header.size) == (request, len(frame))


@pytest.mark.parametrize("version", [8, 9])
def test_a_response_frame_is_read_back(version):
    response = MetadataResponse(cluster_id="abc")
    parts = response_frame(ApiKey.METADATA, version, 9, response)
    stream = memoryview(join(parts))
    assert frame_size(parts) == len(stream)
    (frame,), _, _ = split_frames(stream, LIMIT)
    correlation_id, position = parse_response_header(frame, APIS[ApiKey.METADATA], version)
    assert correlation_id == 9
    assert decoder(MetadataResponse, version)(frame, position) == (response, len(frame))


def test_the_response_to_api_versions_has_no_tagged_fields_in_its_header():
    frame = join(response_frame(ApiKey.API_VERSIONS, 3, 9, ApiVersionsResponse(error_code=35)))
    assert frame.hex(" ", 4) == "0000000c 00000009 00230100 00000000"


class Payload:
    """Records that only their sender knows how to send."""

    def __len__(self):
        return 500


def test_an_opaque_payload_stays_what_it_is():
    payload = Payload()
    data = PartitionData(records=payload)
    response = FetchResponse(responses=[FetchableTopicResponse(topic="a", partitions=[data])])
    parts = response_frame(ApiKey.FETCH, 12, 1, response)
    assert payload in parts
    assert frame_size(parts) == sum(map(len, parts))
