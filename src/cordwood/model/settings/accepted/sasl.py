"""What Kafka's brokers are told about SASL.

Lives here: rows. Must not live here: a row that Cordwood acts on.
"""

from __future__ import annotations

from typing import Final

from cordwood.model.settings.accepted.row import family, row
from cordwood.model.settings.setting import Kind

SASL: Final = family(
    "SASL",
    "there is no SASL yet",
    row("sasl.client.callback.handler.class", Kind.CLASS, None, "a class that answers as a client"),
    row("sasl.enabled.mechanisms", Kind.LIST, ("GSSAPI",), "the mechanisms that clients may use", per_broker=True),
    row("sasl.jaas.config", Kind.PASSWORD, None, "the login of the broker", per_broker=True),
    row("sasl.kerberos.kinit.cmd", Kind.STRING, "/usr/bin/kinit", "the path of kinit", per_broker=True),
    row(
        "sasl.kerberos.min.time.before.relogin",
        Kind.LONG,
        60_000,
        "the shortest pause between two logins with Kerberos",
        per_broker=True,
    ),
    row(
        "sasl.kerberos.principal.to.local.rules",
        Kind.LIST,
        ("DEFAULT",),
        "how the name in a ticket of Kerberos becomes that of a user",
        per_broker=True,
    ),
    row("sasl.kerberos.service.name", Kind.STRING, None, "the name of the service in Kerberos", per_broker=True),
    row(
        "sasl.kerberos.ticket.renew.jitter",
        Kind.DOUBLE,
        0.05,
        "how much of chance is in the time of the renewal of a ticket of Kerberos",
        per_broker=True,
    ),
    row(
        "sasl.kerberos.ticket.renew.window.factor",
        Kind.DOUBLE,
        0.8,
        "the part of its life after which a ticket of Kerberos is renewed",
        per_broker=True,
    ),
    row("sasl.login.callback.handler.class", Kind.CLASS, None, "a class that answers at the login of the broker"),
    row("sasl.login.class", Kind.CLASS, None, "a class that logs the broker in"),
    row("sasl.login.connect.timeout.ms", Kind.INT, None, "how long a connection to the server of tokens may take"),
    row("sasl.login.read.timeout.ms", Kind.INT, None, "how long the server of tokens may take to answer"),
    row(
        "sasl.login.refresh.buffer.seconds",
        Kind.SHORT,
        300,
        "how long before it ends a token is renewed at the latest",
        per_broker=True,
    ),
    row(
        "sasl.login.refresh.min.period.seconds",
        Kind.SHORT,
        60,
        "the shortest time after which a token is renewed",
        per_broker=True,
    ),
    row(
        "sasl.login.refresh.window.factor",
        Kind.DOUBLE,
        0.8,
        "the part of its life after which a token is renewed",
        per_broker=True,
    ),
    row(
        "sasl.login.refresh.window.jitter",
        Kind.DOUBLE,
        0.05,
        "how much of chance is in the time of the renewal of a token",
        per_broker=True,
    ),
    row("sasl.login.retry.backoff.max.ms", Kind.LONG, 10_000, "the longest pause between two tries to log in"),
    row("sasl.login.retry.backoff.ms", Kind.LONG, 100, "the first pause between two tries to log in"),
    row("sasl.mechanism.controller.protocol", Kind.STRING, "GSSAPI", "the mechanism that brokers use with controllers"),
    row(
        "sasl.mechanism.inter.broker.protocol",
        Kind.STRING,
        "GSSAPI",
        "the mechanism that brokers use with each other",
        per_broker=True,
    ),
    row("sasl.oauthbearer.assertion.algorithm", Kind.STRING, "RS256", "the algorithm that signs assertions"),
    row("sasl.oauthbearer.assertion.claim.aud", Kind.STRING, None, "the audience of assertions"),
    row(
        "sasl.oauthbearer.assertion.claim.exp.seconds",
        Kind.INT,
        300,
        "for how long assertions are good",
        low=0,
        high=86_400,
    ),
    row("sasl.oauthbearer.assertion.claim.iss", Kind.STRING, None, "the issuer of assertions"),
    row(
        "sasl.oauthbearer.assertion.claim.jti.include",
        Kind.BOOLEAN,
        False,
        "whether assertions carry an id of their own",
    ),
    row(
        "sasl.oauthbearer.assertion.claim.nbf.seconds",
        Kind.INT,
        60,
        "how long before now assertions begin to be good",
        low=0,
        high=3_600,
    ),
    row("sasl.oauthbearer.assertion.claim.sub", Kind.STRING, None, "the subject of assertions"),
    row("sasl.oauthbearer.assertion.file", Kind.STRING, None, "a file with a ready assertion"),
    row(
        "sasl.oauthbearer.assertion.private.key.file", Kind.STRING, None, "the file with the key that signs assertions"
    ),
    row(
        "sasl.oauthbearer.assertion.private.key.passphrase",
        Kind.PASSWORD,
        None,
        "the password of the key that signs assertions",
    ),
    row("sasl.oauthbearer.assertion.template.file", Kind.STRING, None, "a file with further claims of assertions"),
    row(
        "sasl.oauthbearer.client.credentials.client.id",
        Kind.STRING,
        None,
        "the id of the client at the server of tokens",
    ),
    row(
        "sasl.oauthbearer.client.credentials.client.secret",
        Kind.PASSWORD,
        None,
        "the secret of the client at the server of tokens",
    ),
    row("sasl.oauthbearer.clock.skew.seconds", Kind.INT, 30, "how far clocks may be apart when a token is judged"),
    row("sasl.oauthbearer.expected.audience", Kind.LIST, (), "the audiences that a token may be for"),
    row("sasl.oauthbearer.expected.issuer", Kind.STRING, None, "the issuer that a token has to be from"),
    row(
        "sasl.oauthbearer.jwks.endpoint.refresh.ms",
        Kind.LONG,
        3_600_000,
        "how often the keys that tokens are signed with are fetched",
    ),
    row(
        "sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms",
        Kind.LONG,
        10_000,
        "the longest pause between two tries to fetch the keys of tokens",
    ),
    row(
        "sasl.oauthbearer.jwks.endpoint.retry.backoff.ms",
        Kind.LONG,
        100,
        "the first pause between two tries to fetch the keys of tokens",
    ),
    row("sasl.oauthbearer.jwks.endpoint.url", Kind.STRING, None, "where the keys are that tokens are signed with"),
    row(
        "sasl.oauthbearer.jwt.retriever.class",
        Kind.CLASS,
        "org.apache.kafka.common.security.oauthbearer.DefaultJwtRetriever",
        "a class that gets tokens",
    ),
    row(
        "sasl.oauthbearer.jwt.validator.class",
        Kind.CLASS,
        "org.apache.kafka.common.security.oauthbearer.DefaultJwtValidator",
        "a class that judges tokens",
    ),
    row("sasl.oauthbearer.scope", Kind.STRING, None, "the scope that is asked for"),
    row("sasl.oauthbearer.scope.claim.name", Kind.STRING, "scope", "the claim with the scope"),
    row("sasl.oauthbearer.sub.claim.name", Kind.STRING, "sub", "the claim with the subject"),
    row("sasl.oauthbearer.token.endpoint.url", Kind.STRING, None, "where tokens are got"),
    row("sasl.server.callback.handler.class", Kind.CLASS, None, "a class that answers as a server"),
    row("sasl.server.max.receive.size", Kind.INT, 524_288, "the largest message of a client that authenticates"),
)
