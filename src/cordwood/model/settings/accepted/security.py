"""What Kafka's brokers are told about TLS, users and tokens.

Lives here: rows. Must not live here: a row that Cordwood acts on.
"""

from __future__ import annotations

from typing import Final

from cordwood.model.settings.accepted.row import family, row
from cordwood.model.settings.setting import Kind

SECURITY: Final = family(
    "TLS, users and tokens",
    "there is no TLS and no SASL yet",
    row("ssl.allow.dn.changes", Kind.BOOLEAN, False, "whether a new certificate may name somebody else"),
    row("ssl.allow.san.changes", Kind.BOOLEAN, False, "whether a new certificate may be for other hosts"),
    row("ssl.cipher.suites", Kind.LIST, (), "the ciphers that are allowed", per_broker=True),
    row(
        "ssl.client.auth",
        Kind.STRING,
        "none",
        "whether clients have to show a certificate",
        choices=("required", "requested", "none"),
        per_broker=True,
    ),
    row(
        "ssl.enabled.protocols",
        Kind.LIST,
        (
            "TLSv1.2",
            "TLSv1.3",
        ),
        "the versions of TLS that are spoken",
        per_broker=True,
    ),
    row(
        "ssl.endpoint.identification.algorithm",
        Kind.STRING,
        "https",
        "how the name of a server is compared with its certificate",
        per_broker=True,
    ),
    row("ssl.engine.factory.class", Kind.CLASS, None, "a class that makes the TLS engine", per_broker=True),
    row("ssl.key.password", Kind.PASSWORD, None, "the password of the private key", per_listener=True),
    row("ssl.keymanager.algorithm", Kind.STRING, "SunX509", "the algorithm of the key manager", per_broker=True),
    row(
        "ssl.keystore.certificate.chain",
        Kind.PASSWORD,
        None,
        "the certificate of the broker, in PEM",
        per_listener=True,
    ),
    row("ssl.keystore.key", Kind.PASSWORD, None, "the private key of the broker, in PEM", per_listener=True),
    row(
        "ssl.keystore.location",
        Kind.STRING,
        None,
        "the file with the key and the certificate of the broker",
        per_listener=True,
    ),
    row("ssl.keystore.password", Kind.PASSWORD, None, "the password of the file with the key", per_listener=True),
    row("ssl.keystore.type", Kind.STRING, "JKS", "the form of the file with the key", per_listener=True),
    row("ssl.principal.mapping.rules", Kind.STRING, "DEFAULT", "how the name in a certificate becomes that of a user"),
    row("ssl.protocol", Kind.STRING, "TLSv1.3", "the version of TLS that is tried first", per_broker=True),
    row("ssl.provider", Kind.STRING, None, "the name of Java's security provider for TLS", per_broker=True),
    row("ssl.secure.random.implementation", Kind.STRING, None, "the source of random numbers", per_broker=True),
    row("ssl.trustmanager.algorithm", Kind.STRING, "PKIX", "the algorithm of the trust manager", per_broker=True),
    row(
        "ssl.truststore.certificates",
        Kind.PASSWORD,
        None,
        "the certificates that are trusted, in PEM",
        per_listener=True,
    ),
    row(
        "ssl.truststore.location",
        Kind.STRING,
        None,
        "the file with the certificates that are trusted",
        per_listener=True,
    ),
    row(
        "ssl.truststore.password",
        Kind.PASSWORD,
        None,
        "the password of the file with trusted certificates",
        per_listener=True,
    ),
    row("ssl.truststore.type", Kind.STRING, "JKS", "the form of the file with trusted certificates", per_listener=True),
    row(
        "security.inter.broker.protocol",
        Kind.STRING,
        "PLAINTEXT",
        "the protocol that brokers speak with each other",
        choices=("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"),
    ),
    row("security.providers", Kind.STRING, None, "further security providers of Java's"),
    row(
        "principal.builder.class",
        Kind.CLASS,
        "org.apache.kafka.common.security.authenticator.DefaultKafkaPrincipalBuilder",
        "a class that says who a client is",
        per_broker=True,
    ),
    row(
        "connection.failed.authentication.delay.ms",
        Kind.INT,
        100,
        "how long a client that failed to authenticate is kept waiting",
        low=0,
    ),
    row("connections.max.reauth.ms", Kind.LONG, 0, "after how long clients have to authenticate again"),
    row(
        "delegation.token.expiry.check.interval.ms",
        Kind.LONG,
        3_600_000,
        "how often delegation tokens that have expired are looked for",
        low=1,
    ),
    row(
        "delegation.token.expiry.time.ms",
        Kind.LONG,
        86_400_000,
        "for how long a delegation token is good without being renewed",
        low=1,
    ),
    row(
        "delegation.token.max.lifetime.ms",
        Kind.LONG,
        604_800_000,
        "for how long a delegation token can be renewed",
        low=1,
    ),
    row("delegation.token.secret.key", Kind.PASSWORD, None, "the secret that signs delegation tokens"),
)
