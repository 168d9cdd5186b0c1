"""Files of client properties, and the names of Kafka's Java clients in the words of librdkafka.

    # a comment
    bootstrap.servers = broker-1:9092,broker-2:9092
    security.protocol = SASL_SSL
    sasl.jaas.config = org.apache.kafka.common.security.plain.PlainLoginModule required username="me" password="secret";

Lives here: reading such a file, and the translation. Must not live here: where the file is named (`options`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

JAVA_ONLY: Final = frozenset(
    {
        "auto.include.jmx.reporter",
        "buffer.memory",
        "client.dns.lookup",
        "default.api.timeout.ms",
        "key.deserializer",
        "key.serializer",
        "max.block.ms",
        "max.poll.records",
        "metric.reporters",
        "metrics.num.samples",
        "metrics.recording.level",
        "metrics.sample.window.ms",
        "partition.assignment.strategy",
        "partitioner.class",
        "receive.buffer.bytes",
        "request.timeout.ms",
        "retry.backoff.max.ms",
        "send.buffer.bytes",
        "ssl.enabled.protocols",
        "ssl.protocol",
        "value.deserializer",
        "value.serializer",
    }
)
"""What a file for Java clients may hold and means nothing here."""

KEY_STORE: Final = "ssl.keystore"
STORES: Final[Mapping[str, tuple[str, ...]]] = {
    "ssl.truststore": ("ssl.ca.location",),
    KEY_STORE: ("ssl.certificate.location", "ssl.key.location"),
}
"""Java's stores, and the properties that take such a file here if it is PEM."""

_LOGIN: Final = re.compile(r"\b(username|password)\s*=\s*(?:\"((?:[^\"\\]|\\.)*)\"|([^\s;]+))")
_PROPERTY: Final = re.compile(r"([^=:\s]+)\s*(?:[=:]\s*)?(.*)")


class BadProperties(ValueError):
    """A file of properties that cannot be used; the message begins with the place."""


def parse_properties(text: str, path: str) -> dict[str, str]:
    """The properties of a file. Raises BadProperties."""
    found: dict[str, str] = {}
    for number, line in _lines(text):
        match = _PROPERTY.fullmatch(line)
        if match is None:
            raise BadProperties(f"{path}:{number}: wants KEY=VALUE")
        found[match[1]] = match[2].strip()
    try:
        return translated(found)
    except BadProperties as error:
        raise BadProperties(f"{path}: {error}") from error


def translated(properties: Mapping[str, str]) -> dict[str, str]:
    """Properties of Java clients as librdkafka has them; what has the same name in both stays. Raises BadProperties."""
    kept: dict[str, str] = {}
    for name, value in properties.items():
        if name == "sasl.jaas.config":
            kept |= _login(value)
        elif name == "ssl.endpoint.identification.algorithm":
            kept[name] = value or "none"
        elif name not in JAVA_ONLY and not name.startswith(tuple(STORES)):
            kept[name] = value
    return kept | _stores(properties)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines with their numbers: comments and empty ones left out, those that end in a backslash joined."""
    joined, began = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if not joined and (not stripped or stripped[0] in "#!"):
            continue
        began = began or number
        joined += stripped
        if joined.endswith("\\"):
            joined = joined[:-1]
            continue
        yield began, joined
        joined, began = "", 0
    if joined:
        yield began, joined


def _login(jaas: str) -> dict[str, str]:
    found = {name: re.sub(r"\\(.)", r"\1", quoted or bare) for name, quoted, bare in _LOGIN.findall(jaas)}
    if set(found) != {"username", "password"}:
        raise BadProperties(
            "sasl.jaas.config: only logins with username and password are understood; "
            "give librdkafka's own sasl.* properties for others"
        )
    return {f"sasl.{name}": value for name, value in found.items()}


def _stores(properties: Mapping[str, str]) -> dict[str, str]:
    """Java's key and trust store: files in PEM, and keys in PKCS#12; librdkafka knows no JKS. Raises BadProperties."""
    kept: dict[str, str] = {}
    for store, targets in STORES.items():
        given = {name.rpartition(".")[2]: value for name, value in properties.items() if name.startswith(f"{store}.")}
        kind = given.get("type", "").upper()
        if kind == "PEM":
            kept |= {target: given["location"] for target in targets if "location" in given}
        elif store == KEY_STORE and kind in {"", "PKCS12"}:
            kept |= {f"{store}.{field}": given[field] for field in ("location", "password") if field in given}
        elif given:
            raise BadProperties(
                f"{store}.type: {kind or 'JKS'} is not understood; make PEM files of it, and name them in {', '.join(targets)}"
            )
    return kept
