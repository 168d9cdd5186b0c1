"""Addresses are read as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordwood.node.addresses import Address, HostPort, parse_host_port, parse_listener


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("127.0.0.1:9092", "127.0.0.1", 9092),
        (" localhost:0 ", "localhost", 0),
        (":9092", "", 9092),
        ("[::1]:9092", "::1", 9092),
        ("[fe80::1%eth0]:65535", "fe80::1%eth0", 65535),
        ("kafka-0.kafka.default.svc:9092", "kafka-0.kafka.default.svc", 9092),
    ],
)
def test_good_addresses(text, host, port):
    assert parse_host_port(text) == HostPort(host, port)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no port"),
        ("localhost", "no port"),
        ("localhost:", "no port from 0"),
        ("localhost:65536", "no port from 0"),
        ("localhost:-1", "no port from 0"),
        ("localhost:\uff19", "no port from 0"),
        ("localhost:99999999999999999999", "no port from 0"),
        ("::1:9092", "several colons"),
        ("1:2:3", "several colons"),
        ("[localhost]:9092", "no IPv6 address"),
        ("[]:9092", "no IPv6 address"),
        ("a b:9092", "characters that no host has"),
        ("http//x:9092", "characters that no host has"),
    ],
)
def test_bad_addresses(text, words):
    with pytest.raises(ValueError, match=words):
        parse_host_port(text)


@given(st.sampled_from(["", "a", "10.0.0.1", "::1", "2001:db8::7"]), st.integers(0, 65535))
def test_an_address_is_written_as_it_is_read(host, port):
    assert parse_host_port(str(HostPort(host, port))) == HostPort(host, port)
    assert str(Address("X", "PLAINTEXT", host, port)) == str(HostPort(host, port))


@given(st.text(max_size=20))
def test_any_text_is_an_address_or_a_value_error(text):
    try:
        parse_listener(text)
    except ValueError:
        return
    assert ":" in text


def test_listeners():
    assert parse_listener("internal://0.0.0.0:1") == ("INTERNAL", HostPort("0.0.0.0", 1))
    assert parse_listener("PLAINTEXT://[::]:1") == ("PLAINTEXT", HostPort("::", 1))
    assert parse_listener("localhost:1") == (None, HostPort("localhost", 1))
    for text in ("://localhost:1", "a b://localhost:1"):
        with pytest.raises(ValueError, match="listener's name"):
            parse_listener(text)
