"""What is to be said about one address, as a bootstrap server and as one that a broker advertises.

Lives here: words and advice for each outcome. Must not live here: the cluster as a whole (findings.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cordwood.cli.cluster.finding import Finding, Level
from cordwood.cli.doctor.evidence import (
    CONNECTED,
    Broker,
    Dialing,
    Outcome,
    Visit,
    is_bare_name,
    is_loopback,
    is_private,
)
from cordwood.node.addresses import EVERY_INTERFACE, PORT_LIMIT

SLOW_MS: Final = 500.0
"""From here on a client feels how far away a broker is."""

TEXTS: Final = {
    Outcome.UNRESOLVED: "the name does not resolve on this machine",
    Outcome.REFUSED: "nobody listens there",
    Outcome.TIMED_OUT: "nobody answers the connection",
    Outcome.UNREACHABLE: "there is no way there from this machine",
    Outcome.CLOSED: "it takes the connection and hangs up at the first request",
    Outcome.SILENT: "it takes the connection and does not answer",
    Outcome.TLS: "it speaks TLS, and was dialed in plain text",
    Outcome.PLAINTEXT: "it speaks plain text, and was dialed in TLS",
    Outcome.CERTIFICATE: "its certificate is not believed",
    Outcome.AUTHENTICATION: "it answers, and hangs up on a client that has not said who it is",
    Outcome.NOT_UNDERSTOOD: "its answers are not understood",
    Outcome.NOT_KAFKA: "what listens there is no Kafka broker",
}

_TALKED: Final = {
    Outcome.CLOSED: "look into the log of the broker: it may be starting, or its limits of connections are reached",
    Outcome.SILENT: "look whether the broker hangs, or a proxy in between has nobody behind it",
    Outcome.TLS: "dial with -X security.protocol=SSL (or SASL_SSL), and have clients do so",
    Outcome.PLAINTEXT: "dial with -X security.protocol=PLAINTEXT (or SASL_PLAINTEXT), or take the port of the TLS listener",
    Outcome.CERTIFICATE: "name its authority with -X ssl.ca.location=FILE; the certificate must hold the name that is dialed",
    Outcome.AUTHENTICATION: "give -X security.protocol=SASL_PLAINTEXT (or SASL_SSL), sasl.mechanism, sasl.username and sasl.password",
    Outcome.NOT_UNDERSTOOD: "look which release it runs: it is very old, or something between here and there alters its answers",
    Outcome.NOT_KAFKA: "check host and port",
}

BOOTSTRAP_ADVICE: Final = {
    Outcome.UNRESOLVED: "check the spelling, DNS and /etc/hosts",
    Outcome.REFUSED: "check that the broker runs, the port is right, and a container publishes it",
    Outcome.TIMED_OUT: "check the address; a firewall or security group may drop the connection",
    Outcome.UNREACHABLE: "check the address, routes and the VPN",
    **_TALKED,
}

ADVERTISED_ADVICE: Final = {
    Outcome.UNRESOLVED: "advertise a name that clients resolve (advertised.listeners), or add it to DNS",
    Outcome.REFUSED: "start the broker, publish its port, or advertise the address at which it is reached (advertised.listeners)",
    Outcome.TIMED_OUT: "open the port in the firewall, or advertise the address at which it is reached (advertised.listeners)",
    Outcome.UNREACHABLE: "advertise the address at which clients reach it (advertised.listeners)",
    **_TALKED,
}

OUTSIDE: Final = (
    "give clients from outside a listener of their own, with an address in advertised.listeners that they reach"
)


def about_bootstrap(dialing: Dialing) -> str:
    """What findings about a server that was named are about."""
    return f"bootstrap {dialing.place}"


def about_broker(broker: Broker) -> str:
    """What findings about an advertised address are about."""
    return f"broker {broker.node_id} at {broker.place}"


def bootstrap_findings(dialing: Dialing) -> Iterator[Finding]:
    """About a server that was named."""
    about = about_bootstrap(dialing)
    if dialing.outcome is not Outcome.ANSWERED:
        text = _with_detail(TEXTS[dialing.outcome], dialing)
        yield Finding(Level.PROBLEM, dialing.outcome.value, about, text, BOOTSTRAP_ADVICE[dialing.outcome])
    yield from _ways(dialing, about)


def advertised_findings(visit: Visit, source: Dialing | None) -> Iterator[Finding]:
    """About an address that clients are told to go to, by the server that was dialed as `source`."""
    dialing, broker = visit.dialing, visit.broker
    about = about_broker(broker)
    misled = _misleading(visit, source)
    if misled is not None:
        code, text, advice = misled
        yield Finding(Level.PROBLEM, code, about, text, advice)
    elif dialing.outcome is not Outcome.ANSWERED:
        text = _with_detail(TEXTS[dialing.outcome], dialing)
        advice = ADVERTISED_ADVICE[dialing.outcome]
        yield Finding(Level.PROBLEM, dialing.outcome.value, about, text, advice)
    elif is_loopback(broker.place.host):
        text = "it is advertised at a loopback address: only clients on this machine reach it"
        advice = "for clients elsewhere, advertise an address that they reach (advertised.listeners)"
        yield Finding(Level.NOTE, "loopback-only", about, text, advice)
    if source is None or broker.place != source.place:  # What is wrong with that one was said of the bootstrap server.
        yield from _ways(dialing, about)


def _misleading(visit: Visit, source: Dialing | None) -> tuple[str, str, str] | None:
    """The code, words and advice if the address itself tells why clients cannot use it."""
    host, outcome = visit.broker.place.host, visit.dialing.outcome
    set_it = f"set advertised.listeners of broker {visit.broker.node_id} to the address at which clients reach it"
    if host in EVERY_INTERFACE or not 0 < visit.broker.place.port < PORT_LIMIT:
        return "wildcard-advertised", "it advertises an address that nobody can connect to", set_it
    if is_loopback(host) and source is not None and source.ip is not None and not is_loopback(source.ip):
        words = "it advertises a loopback address, though it was reached over the network: clients will dial themselves"
        return "loopback-advertised", words, set_it
    if outcome is Outcome.UNRESOLVED and is_bare_name(host):
        words = f"the name {host} does not resolve here: it looks like one of a container or pod, known inside its network only"
        return "internal-name-advertised", words, OUTSIDE
    if outcome not in CONNECTED and is_private(host):
        words = f"{TEXTS[outcome]}: {host} is an address of a private network, a container's perhaps"
        return "internal-address-advertised", words, OUTSIDE
    return None


def _ways(dialing: Dialing, about: str) -> Iterator[Finding]:
    """About the addresses that a name stands for, and how far away they are."""
    failed = [attempt for attempt in dialing.attempts if attempt.outcome is not None]
    if dialing.ip is not None and failed:
        others = ", ".join(f"{attempt.ip} ({_reason(attempt.outcome)})" for attempt in failed)
        yield Finding(
            Level.WARNING,
            "partly-reachable",
            about,
            f"{dialing.place.host} is reached at {dialing.ip}, and not at {others}",
            f"clients that try those first are slow or fail: use {dialing.ip}, listen on all, or correct DNS and /etc/hosts",
        )
    slowest = max(dialing.connect_ms or 0.0, dialing.answer_ms or 0.0)
    if slowest >= SLOW_MS:
        text = f"it is slow: {slowest:.0f} ms for one round trip"
        yield Finding(Level.WARNING, "slow", about, text, "look at the load of the broker and the way to it")


def _reason(outcome: Outcome | None) -> str:
    return "" if outcome is None else outcome.value.replace("-", " ")


def _with_detail(text: str, dialing: Dialing) -> str:
    return f"{text} ({dialing.detail})" if dialing.detail else text
