"""Requests that librdkafka has no call for, to brokers that it has found.

Lives here: asking the first of several brokers that answers, by a connection of our own, which does without TLS and SASL. Must
not live here: what is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Any, Final, TypeVar

from cordwood.cli.client.connecting import Cluster
from cordwood.cli.client.deadline import Deadline
from cordwood.cli.client.errors import Unreachable
from cordwood.cli.cluster.abilities import ask_abilities, newest_version
from cordwood.cli.cluster.connection import Connection
from cordwood.cli.terminal.exits import Exit
from cordwood.env.clock import SystemClock
from cordwood.model.errors import CordwoodError, ProtocolError
from cordwood.node.addresses import HostPort
from cordwood.wire.schema import Message

V = TypeVar("V")

BROKERS_ASKED: Final = 8
"""So many brokers are asked for what any could tell."""

PATIENCE_S: Final = 3.0
"""A broker that does not answer within this time is passed over."""


class NoWayIn(CordwoodError):
    """What librdkafka has no call for cannot be asked for with TLS or SASL."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what}: librdkafka has no call for it, and a connection of our own has neither TLS nor SASL; "
            "Kafka's own tools can ask"
        )
        self.what = what


def is_open(kafka: Cluster) -> bool:
    """Whether brokers let whoever connects in, and so connections of our own."""
    return kafka.connection.properties.get("security.protocol", "plaintext").lower() == "plaintext"


def ask_first(kafka: Cluster, what: str, places: Sequence[HostPort], request: Message) -> Any:  # noqa: ANN401 - its response
    """The answer of the first broker that gives one: a change that is asked for twice is made once.

    `what` is wanted, in the words of an error. Raises NoWayIn, and Unreachable where nobody answers in the time there is.
    """
    return talk_to_first(kafka, what, places, lambda connection, deadline: ask_newest(connection, request, deadline))


def talk_to_first(
    kafka: Cluster, what: str, places: Sequence[HostPort], talk: Callable[[Connection, Deadline], V]
) -> V:
    """What comes of the talk with the first broker with which it does not end in OSError or ProtocolError.

    Raises NoWayIn, and Unreachable where it does with all of them.
    """
    if not is_open(kafka):
        raise NoWayIn(what)
    deadline = Deadline(kafka.timeout_s, SystemClock())
    trouble = "the cluster has no such broker"
    for place in places[:BROKERS_ASKED]:
        try:
            soon = deadline.sooner(PATIENCE_S)
            with closing(Connection(place, soon)) as connection:
                return talk(connection, soon)
        except (OSError, ProtocolError) as error:
            trouble = f"{place}: {error}"
    raise Unreachable(kafka.connection.servers, trouble, Exit.CONNECT)


def ask_newest(connection: Connection, request: Message, deadline: Deadline) -> Any:  # noqa: ANN401 - its response
    """The answer in the newest version that both sides know. Raises OSError and ProtocolError."""
    versions = ask_abilities(connection, deadline).versions
    return connection.ask(request, newest_version(request.api_key, versions), deadline)
