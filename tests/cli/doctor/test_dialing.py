"""What comes of dialing whoever may listen: brokers, half brokers, and servers that are none."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from cordwood.cli.client.deadline import Deadline
from cordwood.cli.doctor.dialing import Manner, dial
from cordwood.cli.doctor.evidence import Attempt, Broker, Dialing, Outcome, Told
from cordwood.cli.doctor.tls import tls_of
from cordwood.env.clock import SystemClock
from cordwood.node.addresses import HostPort
from cordwood.sim.clock import SimClock
from cordwood.testing import Server
from cordwood.wire.apis import ApiKey, advertised_versions
from cordwood.wire.errors import ErrorCode
from cordwood.wire.messages.api_versions import ApiVersion, ApiVersionsRequest, ApiVersionsResponse
from cordwood.wire.messages.describe_configs import (
    DescribeConfigsRequest,
    DescribeConfigsResponse,
    DescribeConfigsResult,
)
from cordwood.wire.messages.describe_quorum import (
    DescribeQuorumRequest,
    DescribeQuorumResponse,
    PartitionQuorum,
    ReplicaState,
    TopicQuorum,
)
from cordwood.wire.messages.metadata import MetadataResponse, MetadataResponseBroker
from tests.cli.doctor.listening import CERTIFICATE, listening, saying, silent, tls
from tests.cli.scripted_broker import ScriptedBroker

QUICK = Manner(connect_s=5.0, answer_s=0.2)
PATIENT = Manner(connect_s=5.0, answer_s=5.0)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server() as running:
        yield running


def dialed(place: HostPort, manner: Manner = PATIENT, expected: int | None = None) -> Dialing:
    return dial(place, manner, Deadline(20.0, SystemClock()), expected)


def answer(request: Any, identity: DescribeConfigsResult | None = None) -> Any:
    """A broker 7 of cluster c; without an identity it closes the connection when it is asked who it is."""
    if isinstance(request, ApiVersionsRequest):
        return ApiVersionsResponse(api_keys=advertised_versions())
    if isinstance(request, DescribeConfigsRequest):
        return None if identity is None else DescribeConfigsResponse(results=[identity])
    brokers = [MetadataResponseBroker(node_id=7, host="b7", port=9092, rack="r")]
    return MetadataResponse(cluster_id="c", controller_id=7, brokers=brokers)


def test_a_broker(server: Server) -> None:
    seen = dialed(HostPort("127.0.0.1", server.port), expected=1)
    assert (seen.outcome, seen.node_id, seen.ip) == (Outcome.ANSWERED, 1, "127.0.0.1")
    assert seen.told == Told(server.node.image.cluster_id, 1, (Broker(1, seen.place),))
    assert seen.versions[ApiKey.PRODUCE] == (0, 13)
    assert seen.connect_ms is not None
    assert seen.answer_ms is not None
    assert seen.clock_ahead_ms is None


def test_the_time_of_the_controller(server: Server) -> None:
    """It is this machine's, and the question a matter of less than the test may take."""
    ahead_ms = dialed(HostPort("127.0.0.1", server.port)).clock_ahead_ms
    assert ahead_ms is not None
    assert abs(ahead_ms) < 60_000


@pytest.mark.parametrize(
    ("quorum", "ahead_ms"),
    [
        (PartitionQuorum(leader_id=7, current_voters=[ReplicaState(7, last_fetch_timestamp=90_000)]), 89_000),
        (PartitionQuorum(leader_id=7, current_voters=[ReplicaState(8, last_fetch_timestamp=90_000)]), None),
        (PartitionQuorum(leader_id=7, current_voters=[ReplicaState(7, last_fetch_timestamp=-1)]), None),
        (PartitionQuorum(error_code=ErrorCode.CLUSTER_AUTHORIZATION_FAILED), None),
        (None, None),
    ],
)
def test_how_far_a_clock_is_ahead(quorum: PartitionQuorum | None, ahead_ms: int | None) -> None:
    def script(request: Any) -> Any:
        if isinstance(request, DescribeQuorumRequest):
            return None if quorum is None else DescribeQuorumResponse(topics=[TopicQuorum("m", [quorum])])
        return answer(request)

    clock = SimClock(now_ms=1_000)
    with ScriptedBroker(script) as broker:
        seen = dial(broker.place, PATIENT, Deadline(20.0, SystemClock()), clock=clock)
    assert (seen.outcome, seen.clock_ahead_ms) == (Outcome.ANSWERED, ahead_ms)


def test_another_broker_than_expected(server: Server) -> None:
    assert dialed(HostPort("127.0.0.1", server.port), expected=2).node_id == 1


@pytest.mark.parametrize(
    ("identity", "node_id"),
    [
        (DescribeConfigsResult(), 3),
        (
            DescribeConfigsResult(
                error_code=ErrorCode.INVALID_REQUEST,
                error_message="Unexpected broker id, expected 7 or empty string, but received 3",
            ),
            7,
        ),
        (DescribeConfigsResult(error_code=ErrorCode.INVALID_REQUEST, error_message="no"), None),
        (DescribeConfigsResult(error_code=ErrorCode.CLUSTER_AUTHORIZATION_FAILED), None),
        (None, None),
    ],
)
def test_who_a_broker_says_it_is(identity: DescribeConfigsResult | None, node_id: int | None) -> None:
    with ScriptedBroker(partial(answer, identity=identity)) as broker:
        seen = dialed(broker.place, expected=3)
    assert (seen.outcome, seen.node_id) == (Outcome.ANSWERED, node_id)
    assert seen.told == Told("c", 7, (Broker(7, HostPort("b7", 9092), "r"),))


def test_an_old_broker_is_asked_in_its_own_version() -> None:
    old = b"\0\0\0\x1c" + b"\0\0\0\1\0\x23\0\0\0\3" + b"\0\3\0\0\0\5" + b"\0\x12\0\0\0\0" + b"\0\x20\0\0\0\0"

    def script(request: Any) -> Any:
        if not isinstance(request, ApiVersionsRequest):
            return answer(request)
        if request.client_software_name:
            return old
        return ApiVersionsResponse(api_keys=[ApiVersion(ApiKey.METADATA, 0, 5)])

    with ScriptedBroker(script) as broker:
        seen = dialed(broker.place, expected=3)
    assert (seen.outcome, seen.versions, seen.node_id) == (Outcome.ANSWERED, {3: (0, 5)}, None)
    assert seen.told is not None
    assert seen.told.cluster_id == "c"


def test_a_broker_that_is_too_old() -> None:
    with ScriptedBroker(lambda request: ApiVersionsResponse(api_keys=[ApiVersion(ApiKey.PRODUCE, 0, 2)])) as broker:
        seen = dialed(broker.place)
    assert (seen.outcome, seen.told) == (Outcome.NOT_UNDERSTOOD, None)
    assert seen.detail == "it has no version of Metadata that is known here"


def test_a_broker_that_wants_to_know_who_asks() -> None:
    with ScriptedBroker(lambda request: answer(request) if isinstance(request, ApiVersionsRequest) else None) as broker:
        assert dialed(broker.place).outcome is Outcome.AUTHENTICATION
        seen = dialed(broker.place, Manner(asks_metadata=False))
    assert (seen.outcome, seen.told) == (Outcome.ANSWERED, None)


def test_a_broker_that_hangs_after_its_first_answer() -> None:
    with ScriptedBroker(lambda request: answer(request) if isinstance(request, ApiVersionsRequest) else b"") as broker:
        assert dialed(broker.place, QUICK).outcome is Outcome.SILENT


@pytest.mark.parametrize(
    ("greet", "manner", "outcome", "detail"),
    [
        (saying(b""), PATIENT, Outcome.CLOSED, "it closed the connection"),
        (silent, QUICK, Outcome.SILENT, "timed out"),
        (saying(b"HTTP/1.1 400 Bad Request\r\n"), PATIENT, Outcome.NOT_KAFKA, "its answer begins with b'HTTP'"),
        (saying(b"\x15\x03\x03\0\2\2\x50"), PATIENT, Outcome.TLS, ""),
        (tls, PATIENT, Outcome.TLS, ""),
    ],
)
def test_who_is_no_broker(
    greet: Callable[[socket.socket], None], manner: Manner, outcome: Outcome, detail: str
) -> None:
    with listening(greet) as place:
        seen = dialed(place, manner)
    assert (seen.outcome, seen.detail) == (outcome, detail)


def test_nobody_listens() -> None:
    seen = dialed(HostPort("127.0.0.1", 1))
    assert (seen.outcome, seen.attempts) == (Outcome.REFUSED, (Attempt("127.0.0.1", Outcome.REFUSED),))


@pytest.mark.parametrize(
    ("host", "port"), [("0.0.0.0", 9092), ("::", 9092), ("", 9092), ("a", 0), ("a", -1), ("a", 70_000)]
)
def test_an_address_of_nobody(host: str, port: int) -> None:
    seen = dialed(HostPort(host, port), encrypted())
    assert (seen.outcome, seen.attempts) == (Outcome.UNREACHABLE, ())


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a" * 64 + ".invalid"])
def test_a_name_that_does_not_resolve(host: str) -> None:
    assert dialed(HostPort(host, 9092)).outcome is Outcome.UNRESOLVED


def test_a_name_of_which_one_address_answers(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, server.port)) for ip in ("127.0.0.2", "127.0.0.1")]
    monkeypatch.setattr("socket.getaddrinfo", lambda host, port, *rest, **more: found)
    connect = socket.create_connection

    def refused_first(address: tuple[str, int], *rest: Any) -> socket.socket:
        if address[0] == "127.0.0.2":
            raise ConnectionRefusedError
        monkeypatch.undo()
        return connect(address, *rest)

    monkeypatch.setattr("socket.create_connection", refused_first)
    seen = dialed(HostPort("two-addresses", server.port))
    assert seen.outcome is Outcome.ANSWERED
    assert seen.attempts == (Attempt("127.0.0.2", Outcome.REFUSED), Attempt("127.0.0.1"))


# In TLS.


def encrypted(**properties: str) -> Manner:
    return Manner(tls_of({"security.protocol": "ssl", **properties}))


def test_a_certificate_that_nobody_vouches_for() -> None:
    with listening(tls) as place:
        seen = dialed(HostPort("localhost", place.port), encrypted())
    assert (seen.outcome, seen.detail) == (Outcome.CERTIFICATE, "self-signed certificate")


def test_a_certificate_for_another_name() -> None:
    with listening(tls) as place:
        seen = dialed(place, encrypted(**{"ssl.ca.location": str(CERTIFICATE)}))
    assert seen.outcome is Outcome.CERTIFICATE
    assert "IP address mismatch" in seen.detail


def test_a_broker_behind_tls() -> None:
    def greet(connection: socket.socket) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATE)
        with context.wrap_socket(connection, server_side=True) as stream:
            stream.recv(1 << 16)
            # Version 3 of ApiVersions: number 1, no error, Metadata 0 to 13, no throttling.
            stream.sendall(b"\0\0\0\x13" + b"\0\0\0\1" + b"\0\0" + b"\2" + b"\0\3\0\0\0\x0d\0" + b"\0\0\0\0" + b"\0")
            silent(stream)

    with listening(greet) as place:
        manner = Manner(encrypted(**{"ssl.ca.location": str(CERTIFICATE)}).tls, asks_metadata=False)
        seen = dialed(HostPort("localhost", place.port), manner)
    assert (seen.outcome, seen.versions) == (Outcome.ANSWERED, {3: (0, 13)})


def test_a_broker_in_plain_text(server: Server) -> None:
    assert dialed(HostPort("127.0.0.1", server.port), encrypted()).outcome is Outcome.PLAINTEXT
