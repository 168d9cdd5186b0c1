"""Request and response headers, against kafka-python and against any bytes."""

from __future__ import annotations

import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordwood.model.errors import ProtocolError
from cordwood.wire.apis import APIS, ApiKey
from cordwood.wire.header import (
    RequestHeader,
    UnsupportedApi,
    parse_request_header,
    parse_response_header,
    request_header,
    response_header,
)

with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
    from kafka.protocol import metadata

METADATA = APIS[ApiKey.METADATA]


@pytest.mark.parametrize("version", [1, 9])
@pytest.mark.parametrize("client_id", ["rdkafka", "", None])
def test_headers_are_those_of_kafka_python(version, client_id):
    request = metadata.MetadataRequest(version=version)
    request.with_header(correlation_id=77, client_id=client_id)
    theirs = request.encode_header(flexible=METADATA.is_flexible(version))
    assert request_header(METADATA, version, 77, client_id) == theirs
    assert parse_request_header(memoryview(theirs)) == RequestHeader(3, version, 77, client_id, len(theirs))


@given(
    st.sampled_from(list(APIS.values())),
    st.integers(0, 20),
    st.integers(0, 2**31 - 1),
    st.none() | st.text(),
    st.binary(),
)
def test_request_headers_come_back(api, version, correlation_id, client_id, body):
    header = request_header(api, version, correlation_id, client_id)
    parsed = parse_request_header(memoryview(header + body))
    assert parsed == RequestHeader(api.key, version, correlation_id, client_id, len(header))


def test_the_header_of_an_unknown_version_of_api_versions_is_read():
    header = request_header(APIS[ApiKey.API_VERSIONS], 99, 5, "future")
    assert parse_request_header(memoryview(header)).api_version == 99


def test_unknown_tagged_fields_are_skipped():
    header = request_header(METADATA, 9, 5, "x")[:-1] + bytes.fromhex("01 07 02 abcd")
    assert parse_request_header(memoryview(header)).size == len(header)


def test_an_unknown_key_is_named():
    frame = bytes.fromhex("03e7 0001 00000001 ffff")
    with pytest.raises(UnsupportedApi, match="API key 999, version 1") as caught:
        parse_request_header(memoryview(frame))
    assert (caught.value.api_key, caught.value.api_version) == (999, 1)


@given(st.integers(0, 30))
def test_a_header_that_is_cut_off_is_refused(length):
    header = request_header(METADATA, 9, 5, "a name of some length")
    frame = header[: min(length, len(header) - 1)]
    with pytest.raises(ProtocolError, match="ends inside its request header"):
        parse_request_header(memoryview(frame))


def test_a_client_id_must_be_text():
    with pytest.raises(ProtocolError, match="not UTF-8"):
        parse_request_header(memoryview(bytes.fromhex("0003 0001 00000001 0002 ffff")))


@given(st.binary(max_size=40))
def test_any_bytes_are_a_header_or_refused(data):
    for frame in (data, b"\x00\x03\x00\x09" + data):
        try:
            header = parse_request_header(memoryview(frame))
        except ProtocolError:
            continue
        assert header.size <= len(frame)


@pytest.mark.parametrize(("key", "version", "wire"), [(3, 8, "0000004d"), (3, 9, "0000004d00"), (18, 4, "0000004d")])
def test_response_headers(key, version, wire):
    header = response_header(APIS[key], version, 77)
    assert header.hex() == wire
    assert parse_response_header(memoryview(header), APIS[key], version) == (77, len(header))


def test_a_response_header_that_is_cut_off_is_refused():
    for length in range(5):
        with pytest.raises(ProtocolError):
            parse_response_header(memoryview(bytes(length)), METADATA, 9)
