"""Dialing one address as a client would: resolve, connect, ApiVersions, Metadata, and two questions for good measure.

      name ──> its addresses ──> the first that connects ──> ApiVersions ──> Metadata ──┬─> which broker are you
                                                                                        └─> what time is it

Lives here: sockets and requests, and what their errors mean. Must not live here: which addresses (examination.py), advice.

Every step is bounded: CONNECT_S for a connection, ANSWER_S for an answer, and the deadline over all of it.
"""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final

from cordwood.cli.client.deadline import Deadline
from cordwood.cli.cluster.abilities import ask_abilities, newest_version
from cordwood.cli.cluster.connection import Connection, NotAnAnswer, Wrap
from cordwood.cli.cluster.quorum_request import outcome_of, quorum_request
from cordwood.cli.doctor.evidence import Attempt, Broker, Dialing, Outcome, Told
from cordwood.cli.doctor.tls import unverified
from cordwood.env.clock import Clock, SystemClock
from cordwood.model.errors import ProtocolError
from cordwood.node.addresses import EVERY_INTERFACE, PORT_LIMIT, HostPort
from cordwood.wire.errors import ErrorCode
from cordwood.wire.messages.describe_configs import DescribeConfigsRequest, DescribeConfigsResource
from cordwood.wire.messages.metadata import MetadataRequest
from cordwood.wire.schema import Message

CONNECT_S: Final = 2.0
ANSWER_S: Final = 3.0
ADDRESSES_TRIED: Final = 4
"""Of a name that stands for more, the first ones."""
BROKER_RESOURCE: Final = 4
TLS_ALERT: Final = b"\x15\x03"
_OWN_ID: Final = re.compile(r"(?:expected|this is broker) (\d+)")


@dataclass(frozen=True, slots=True)
class Manner:
    """How addresses are dialed: in TLS or not, and whether a stranger is told about the cluster."""

    tls: ssl.SSLContext | None = None
    asks_metadata: bool = True
    connect_s: float = CONNECT_S
    answer_s: float = ANSWER_S


def dial(
    place: HostPort, manner: Manner, deadline: Deadline, expected: int | None = None, clock: Clock | None = None
) -> Dialing:
    """What comes of dialing; `expected` is the broker that the address belongs to. Raises nothing that a network does."""
    if place.host in EVERY_INTERFACE or not 0 < place.port < PORT_LIMIT:
        return Dialing(place, Outcome.UNREACHABLE, "it is the address of nobody")
    try:
        ips = _resolved(place)
    except (OSError, UnicodeError) as error:
        return Dialing(place, Outcome.UNRESOLVED, _words(error))
    attempts = tuple(_attempt(ip, place, manner, deadline) for ip in ips)
    ip = next((attempt.ip for attempt in attempts if attempt.outcome is None), None)
    if ip is None:
        last = attempts[-1]
        return Dialing(place, last.outcome or Outcome.UNREACHABLE, last.detail, attempts)
    talk = _Talk(place, ip, manner, deadline, clock or SystemClock())
    return replace(talk.hold(expected), attempts=attempts)


def _resolved(place: HostPort) -> list[str]:
    found = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))[:ADDRESSES_TRIED]


def _attempt(ip: str, place: HostPort, manner: Manner, deadline: Deadline) -> Attempt:
    try:
        socket.create_connection((ip, place.port), deadline.sooner(manner.connect_s).left_s).close()
    except ConnectionRefusedError:
        return Attempt(ip, Outcome.REFUSED)
    except TimeoutError:
        return Attempt(ip, Outcome.TIMED_OUT)
    except (OSError, OverflowError) as error:
        return Attempt(ip, Outcome.UNREACHABLE, _words(error))
    return Attempt(ip)


class _Talk:
    """The conversation with whoever listens at an address."""

    def __init__(self, place: HostPort, ip: str, manner: Manner, deadline: Deadline, clock: Clock) -> None:
        self._place = place
        self._ip = ip
        self._manner = manner
        self._deadline = deadline
        self._clock = clock
        self._seen = Dialing(place, Outcome.ANSWERED)

    def hold(self, expected: int | None) -> Dialing:
        """All that is asked, as far as it goes."""
        tls = self._manner.tls
        try:
            with self._connected(None if tls is None else self._wrap(tls)) as connection:
                self._ask_versions(connection)
                if self._manner.asks_metadata:
                    self._ask_metadata(connection)
                    self._ask_identity(connection, expected)
        except ssl.SSLCertVerificationError as error:
            return self._ended(Outcome.CERTIFICATE, error.verify_message)
        except (OSError, ProtocolError) as error:
            return self._judged(error)
        return self._seen

    def _ask_versions(self, connection: Connection) -> None:
        begun = self._clock.monotonic()
        versions = ask_abilities(connection, self._soon()).versions
        took_ms = (self._clock.monotonic() - begun) * 1000
        self._seen = replace(self._seen, versions=versions, answer_ms=round(took_ms, 1))

    def _ask_metadata(self, connection: Connection) -> None:
        response = self._ask(connection, MetadataRequest(topics=[]))
        brokers = tuple(
            Broker(broker.node_id, HostPort(broker.host, broker.port), broker.rack) for broker in response.brokers
        )
        told = Told(response.cluster_id, response.controller_id, brokers)
        self._seen = replace(self._seen, told=told)

    def _ask_identity(self, connection: Connection, expected: int | None) -> None:
        """A broker gives its own settings only, and says which broker it is to whoever asks for another's."""
        if expected is None:
            self._ask_time(connection)
            return
        resource = DescribeConfigsResource(BROKER_RESOURCE, str(expected), ["node.id"])
        try:
            response = self._ask(connection, DescribeConfigsRequest(resources=[resource]))
        except (OSError, ProtocolError):
            return  # An old broker, or one that tells this to few: it stays unknown who it is.
        if not response.results:
            return
        result = response.results[0]
        if not result.error_code:
            self._seen = replace(self._seen, node_id=expected)
        elif result.error_code == ErrorCode.INVALID_REQUEST and (own := _OWN_ID.search(result.error_message or "")):
            self._seen = replace(self._seen, node_id=int(own[1]))

    def _ask_time(self, connection: Connection) -> None:
        """The leader of the quorum has heard of itself just now, by its own clock."""
        begun_ms = self._clock.now_ms()
        try:
            response = self._ask(connection, quorum_request())
        except (OSError, ProtocolError):
            return  # An old broker, or one that tells this to few.
        middle_ms = (begun_ms + self._clock.now_ms()) // 2
        if response.error_code or not response.topics or outcome_of(response).error_code:
            return
        quorum = outcome_of(response)
        told_ms = [one.last_fetch_timestamp for one in quorum.current_voters if one.replica_id == quorum.leader_id]
        if told_ms and told_ms[0] > 0:
            self._seen = replace(self._seen, clock_ahead_ms=told_ms[0] - middle_ms)

    def _ask(self, connection: Connection, request: Message) -> Any:  # noqa: ANN401 - the response of the API
        """The answer in the newest version that both sides know."""
        newest = newest_version(request.api_key, self._seen.versions)
        return connection.ask(request, newest, self._soon())

    def _judged(self, error: Exception) -> Dialing:
        """What it means that the conversation ended with this error."""
        if self._seen.versions:
            return self._ended(*_after_versions(error, is_known=self._seen.told is not None))
        if self._manner.tls is not None:
            return self._ended(Outcome.PLAINTEXT if self._speaks_plaintext() else _outcome_of(error), _words(error))
        if isinstance(error, NotAnAnswer) and error.beginning.startswith(TLS_ALERT):
            return self._ended(Outcome.TLS)
        if self._speaks_tls():
            return self._ended(Outcome.TLS)
        return self._ended(_outcome_of(error), _words(error))

    def _speaks_tls(self) -> bool:
        try:
            with self._connected(self._wrap(unverified())):
                return True
        except ssl.SSLError as error:
            # Whoever asks for a certificate, or for better ciphers than ours, speaks TLS all the same.
            return "ALERT" in (error.reason or "")
        except OSError:
            return False

    def _speaks_plaintext(self) -> bool:
        try:
            with self._connected(None) as connection:
                return bool(ask_abilities(connection, self._soon()).versions)
        except (OSError, ProtocolError):
            return False

    @contextmanager
    def _connected(self, wrap: Wrap | None) -> Iterator[Connection]:
        begun = self._clock.monotonic()
        with closing(Connection(HostPort(self._ip, self._place.port), self._soon(), wrap)) as connection:
            if self._seen.connect_ms is None:
                took_ms = (self._clock.monotonic() - begun) * 1000
                self._seen = replace(self._seen, connect_ms=round(took_ms, 1))
            yield connection

    def _wrap(self, context: ssl.SSLContext) -> Wrap:
        return lambda connected: context.wrap_socket(connected, server_hostname=self._place.host)

    def _soon(self) -> Deadline:
        return self._deadline.sooner(self._manner.answer_s)

    def _ended(self, outcome: Outcome, detail: str = "") -> Dialing:
        return replace(self._seen, outcome=outcome, detail=detail)


def _after_versions(error: Exception, *, is_known: bool) -> tuple[Outcome, str]:
    """What an error means of a broker that has answered ApiVersions, and perhaps what its cluster is."""
    if isinstance(error, TimeoutError):
        return Outcome.SILENT, _words(error)
    if isinstance(error, OSError) and not is_known:
        return Outcome.AUTHENTICATION, ""
    return Outcome.NOT_UNDERSTOOD, _words(error)


def _outcome_of(error: Exception) -> Outcome:
    """What an error before the first answer means."""
    if isinstance(error, TimeoutError):
        return Outcome.SILENT
    if isinstance(error, ConnectionError):
        return Outcome.CLOSED
    return Outcome.NOT_KAFKA


def _words(error: Exception) -> str:
    if isinstance(error, NotAnAnswer):
        return f"its answer begins with {error.beginning!r}"
    if isinstance(error, ssl.SSLError):
        return str(error.reason or error).lower().replace("_", " ")
    return error.strerror or str(error) if isinstance(error, OSError) else str(error)
