"""`cordwood doctor`.

Lives here: its options, whom it asks, how it ends. Must not live here: dialing, judgement and words.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping

import click
from confluent_kafka import KafkaException

from cordwood.cli.client.connecting import Cluster
from cordwood.cli.client.deadline import Deadline
from cordwood.cli.client.errors import Unreachable, error_of, words_of
from cordwood.cli.client.options import Connection, connection_options
from cordwood.cli.doctor.dialing import Manner
from cordwood.cli.doctor.evidence import Broker, Evidence, Told
from cordwood.cli.doctor.examination import examine
from cordwood.cli.doctor.findings import findings_of
from cordwood.cli.doctor.report import exit_of, report_of, sections_of
from cordwood.cli.doctor.tls import SASL_PROTOCOLS, protocol_of, tls_of
from cordwood.cli.terminal.exits import Exit, tell_error, warn
from cordwood.cli.terminal.output import Output, output_option, show
from cordwood.env.clock import SystemClock
from cordwood.node.addresses import HostPort, parse_listener

DEFAULT_PORT = 9092
"""Of a server that is named without one, as librdkafka has it."""


@click.command()
@connection_options
@output_option
def doctor(connection: Connection, output: Output) -> None:
    """Dial every address that a cluster tells its clients, and say what goes wrong and what to change.

    Exit codes: 0 a client on this machine reaches every broker, 4 nobody lets us in, 5 nobody answers, 10 there are
    problems.
    """
    places = _places(connection.servers)
    manner = _manner(connection.properties)
    evidence = examine(
        places, manner, Deadline(connection.timeout_s, SystemClock()), told_otherwise=lambda: _told(connection)
    )
    findings = findings_of(evidence)
    report = report_of(evidence, findings)
    show(output, report, lambda: sections_of(report))
    code = exit_of(evidence, findings)
    if evidence.told is None:
        tell_error(_end(evidence, code))
    sys.exit(code)


def _end(evidence: Evidence, code: Exit) -> str:
    servers = ",".join(str(dialing.place) for dialing in evidence.bootstrap)
    if code is Exit.AUTH:
        return f"{servers} does not let us in: see what to do above"
    return f"nobody at {servers} tells about a cluster: see what to do above"


def _places(servers: str) -> list[HostPort]:
    """Bootstrap servers as librdkafka takes them: HOST, HOST:PORT, PROTOCOL://HOST:PORT."""
    try:
        return [_place(part.strip()) for part in servers.split(",") if part.strip()]
    except ValueError as error:
        raise click.UsageError(str(error)) from error


def _place(text: str) -> HostPort:
    _, _, address = text.rpartition("://")
    has_port = "]:" in address if address.startswith("[") else ":" in address
    _, place = parse_listener(text if has_port else f"{text}:{DEFAULT_PORT}")
    if not place.host:
        raise ValueError(f"{text!r} names no host")
    return place


def _manner(properties: Mapping[str, str]) -> Manner:
    try:
        tls = tls_of(properties)
    except OSError as error:
        raise click.UsageError(f"the files for TLS cannot be used: {error}") from error
    return Manner(tls, asks_metadata=protocol_of(properties) not in SASL_PROTOCOLS)


def _told(connection: Connection) -> Told | None:
    """What a client that says who it is gets to know."""
    try:
        kafka = Cluster(connection)
        cluster = kafka.wait(kafka.admin.describe_cluster(request_timeout=kafka.timeout_s))
    except Unreachable as error:
        warn(f"the brokers cannot be asked for: {error.reason}")
        return None
    except KafkaException as exception:
        warn(f"the brokers cannot be asked for: {words_of(error_of(exception))}")
        return None
    brokers = tuple(Broker(node.id, HostPort(node.host, node.port), node.rack) for node in cluster.nodes)
    controller = -1 if cluster.controller is None else cluster.controller.id
    return Told(cluster.cluster_id, controller, brokers)
