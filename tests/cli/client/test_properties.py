"""Files of client properties, and Java's names for them."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cordwood.cli.client.properties import BadProperties, parse_properties, translated

FILE = """\
# where it is
bootstrap.servers = a:9092,b:9092
! how to get in
security.protocol: SASL_SSL
sasl.mechanism=PLAIN
sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required \\
    username="me" password="a \\"b\\" = c";
ssl.endpoint.identification.algorithm=
key.serializer=org.apache.kafka.common.serialization.StringSerializer
empty
"""


def test_a_file_of_a_java_client():
    assert parse_properties(FILE, "f") == {
        "bootstrap.servers": "a:9092,b:9092",
        "security.protocol": "SASL_SSL",
        "sasl.mechanism": "PLAIN",
        "sasl.username": "me",
        "sasl.password": 'a "b" = c',
        "ssl.endpoint.identification.algorithm": "none",
        "empty": "",
    }


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({"ssl.truststore.type": "PEM", "ssl.truststore.location": "ca"}, {"ssl.ca.location": "ca"}),
        (
            {"ssl.keystore.type": "PEM", "ssl.keystore.location": "k", "ssl.key.password": "p"},
            {"ssl.certificate.location": "k", "ssl.key.location": "k", "ssl.key.password": "p"},
        ),
        (
            {"ssl.keystore.type": "PKCS12", "ssl.keystore.location": "k", "ssl.keystore.password": "p"},
            {"ssl.keystore.location": "k", "ssl.keystore.password": "p"},
        ),
        ({"acks": "all", "request.timeout.ms": "1"}, {"acks": "all"}),
    ],
)
def test_names_of_java(given, wanted):
    assert translated(given) == wanted


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("=x", "f:1: wants KEY=VALUE"),
        ("a=b\n\n = c", "f:3: wants KEY=VALUE"),
        ("sasl.jaas.config=x required;", "f: sasl.jaas.config: only logins with username and password are understood"),
        ("ssl.truststore.location=t.jks", "f: ssl.truststore.type: JKS is not understood; make PEM files of it"),
        ("ssl.keystore.type=JKS", "f: ssl.keystore.type: JKS is not understood"),
    ],
)
def test_what_is_not_understood_is_refused(text, words):
    with pytest.raises(BadProperties) as raised:
        parse_properties(text, "f")
    assert str(raised.value).startswith(words)


names = st.text(alphabet="abcdef.", min_size=1, max_size=9)
texts = st.text(alphabet="ab:=, ", max_size=9).map(lambda text: f"{text}z")


@settings(max_examples=50)
@given(st.dictionaries(names, texts))
def test_what_is_written_is_read(properties):
    text = "".join(f"{name}={value}\n" for name, value in properties.items())
    wanted = {name: value.strip() for name, value in properties.items()}
    assert parse_properties(text, "f") == wanted


@given(st.text())
def test_any_text_is_read_or_refused(text):
    with contextlib.suppress(BadProperties):
        assert all(name for name in parse_properties(text, "f"))
