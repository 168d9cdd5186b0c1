"""The TLS that librdkafka's properties ask for, for connections that are made by hand.

Lives here: properties to an SSLContext. Must not live here: connections (dialing.py).
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from typing import Final

PLAIN_PROTOCOLS: Final = frozenset({"plaintext", "sasl_plaintext"})
SASL_PROTOCOLS: Final = frozenset({"sasl_plaintext", "sasl_ssl"})


def protocol_of(properties: Mapping[str, str]) -> str:
    """The security protocol, in small letters."""
    return properties.get("security.protocol", "plaintext").lower()


def tls_of(properties: Mapping[str, str]) -> ssl.SSLContext | None:
    """How to speak TLS, or None for plain text. Raises OSError (ssl.SSLError among them) for files that cannot be used."""
    if protocol_of(properties) in PLAIN_PROTOCOLS:
        return None
    context = ssl.create_default_context(cafile=properties.get("ssl.ca.location"))
    if properties.get("ssl.endpoint.identification.algorithm", "https").lower() == "none":
        context.check_hostname = False
    if properties.get("enable.ssl.certificate.verification", "true").lower() == "false":
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    certificate = properties.get("ssl.certificate.location")
    if certificate is not None:
        context.load_cert_chain(certificate, properties.get("ssl.key.location"), properties.get("ssl.key.password"))
    return context


def unverified() -> ssl.SSLContext:
    """For asking only whether somebody speaks TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
