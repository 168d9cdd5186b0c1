"""From frames to answers: what is no request costs its connection, and nothing else."""

from __future__ import annotations

import struct
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cordwood.model.limits import CONTROL_REQUEST_SIZE_LIMIT_BYTES
from cordwood.testing import Server
from cordwood.wire.errors import ErrorCode
from cordwood.wire.frame import join, request_frame
from cordwood.wire.messages.api_versions import ApiVersionsRequest
from cordwood.wire.messages.metadata import MetadataRequest
from tests.raw_client import RawClient


def header(key: int, version: int, correlation: int = 7) -> bytes:
    return struct.pack(">hhih", key, version, correlation, -1)


def framed(data: bytes) -> bytes:
    return struct.pack(">i", len(data)) + data


def alive(client: RawClient) -> bool:
    return bool(client.ask(MetadataRequest(topics=[]), 9).cluster_id)


@pytest.mark.parametrize(
    "sent",
    [
        framed(b""),
        framed(b"\x00"),
        framed(header(9999, 0)),
        framed(header(3, 99)),
        framed(header(0, 14)),
        framed(header(4, 0)),
        framed(header(3, 1) + b"\x7f\xff\xff\xff"),
        framed(header(3, 1) + struct.pack(">ih", 1, 500) + b"x"),
        framed(header(3, 1) + bytes(CONTROL_REQUEST_SIZE_LIMIT_BYTES)),
    ],
    ids=[
        "empty",
        "one byte",
        "no such api",
        "version",
        "future produce",
        "inter-broker",
        "huge array",
        "cut string",
        "too large",
    ],
)
def test_what_is_no_request_closes_its_connection(
    client: RawClient, connect: Callable[[], RawClient], sent: bytes
) -> None:
    bad = connect()
    bad.send_bytes(sent)
    assert bad.closed_by_peer()
    assert alive(client)


def test_api_versions_of_the_future_is_told_what_there_is(client: RawClient) -> None:
    client.send_bytes(framed(header(18, 99, correlation=41) + b"\x00future\x00"))
    answer = client.receive_frame()
    correlation, code, count = struct.unpack_from(">ihi", answer)
    assert (correlation, code) == (41, ErrorCode.UNSUPPORTED_VERSION)
    keys = [struct.unpack_from(">hhh", answer, 10 + 6 * number) for number in range(count)]
    assert (18, 0, 4) in keys
    assert client.ask(ApiVersionsRequest(), 3).error_code == 0, "the connection goes on"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_noise_never_harms_the_broker(server: Server, client: RawClient, data: st.DataObject) -> None:
    good = join(request_frame(3, 9, 1, "noise", MetadataRequest(topics=None)))
    noise = bytearray(good)
    for _ in range(data.draw(st.integers(1, 4))):
        noise[data.draw(st.integers(4, len(noise) - 1))] = data.draw(st.integers(0, 255))
    with RawClient(server.port) as other:
        other.send_bytes(bytes(noise))
    assert alive(client)


def test_requests_are_counted(server: Server, client: RawClient) -> None:
    counts = server.node.request_counts.of("Metadata")
    before = counts.requests
    for _ in range(3):
        assert alive(client)
    assert counts.requests == before + 3
    assert counts.bytes_in > 0
    assert sum(counts.latency_buckets) == counts.requests
