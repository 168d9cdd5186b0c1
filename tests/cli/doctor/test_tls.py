"""Properties of librdkafka become the TLS of our own connections."""

from __future__ import annotations

import ssl

import pytest

from cordwood.cli.doctor.tls import protocol_of, tls_of, unverified


@pytest.mark.parametrize("protocol", ["plaintext", "PLAINTEXT", "sasl_plaintext"])
def test_plain_text(protocol: str) -> None:
    assert tls_of({"security.protocol": protocol}) is None


def test_nothing_said_is_plain_text() -> None:
    assert protocol_of({}) == "plaintext"
    assert tls_of({}) is None


@pytest.mark.parametrize(
    ("properties", "checks_name", "mode"),
    [
        ({}, True, ssl.CERT_REQUIRED),
        ({"ssl.endpoint.identification.algorithm": "none"}, False, ssl.CERT_REQUIRED),
        ({"enable.ssl.certificate.verification": "false"}, False, ssl.CERT_NONE),
    ],
)
def test_what_is_verified(properties: dict[str, str], checks_name: bool, mode: ssl.VerifyMode) -> None:
    context = tls_of({"security.protocol": "SASL_SSL", **properties})
    assert context is not None
    assert (context.check_hostname, context.verify_mode) == (checks_name, mode)


@pytest.mark.parametrize("name", ["ssl.ca.location", "ssl.certificate.location"])
def test_a_file_that_is_not_there(name: str) -> None:
    with pytest.raises(OSError, match="No such file"):
        tls_of({"security.protocol": "ssl", name: "/no/such/file"})


def test_asking_whether_somebody_speaks_tls_believes_everybody() -> None:
    assert unverified().verify_mode == ssl.CERT_NONE
