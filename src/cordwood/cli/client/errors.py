"""What errors of Kafka mean: for people a line, for programs an exit code.

Lives here: one map of error codes to exit codes, and the words. Must not live here: connecting.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from confluent_kafka import KafkaError, KafkaException

from cordwood.cli.client.options import Connection
from cordwood.cli.terminal.exits import Exit, fail
from cordwood.model.errors import CordwoodError

EXITS: Final[Mapping[str, Exit]] = {
    **dict.fromkeys(
        (
            "UNKNOWN_TOPIC_OR_PART",
            "UNKNOWN_TOPIC_ID",
            "GROUP_ID_NOT_FOUND",
            "RESOURCE_NOT_FOUND",
            "_NOENT",
            "_UNKNOWN_TOPIC",
            "_UNKNOWN_PARTITION",
            "_UNKNOWN_GROUP",
            "_UNKNOWN_BROKER",
        ),
        Exit.NOT_FOUND,
    ),
    **dict.fromkeys(
        (
            "SASL_AUTHENTICATION_FAILED",
            "UNSUPPORTED_SASL_MECHANISM",
            "ILLEGAL_SASL_STATE",
            "TOPIC_AUTHORIZATION_FAILED",
            "GROUP_AUTHORIZATION_FAILED",
            "CLUSTER_AUTHORIZATION_FAILED",
            "TRANSACTIONAL_ID_AUTHORIZATION_FAILED",
            "_AUTHENTICATION",
            "_SSL",
        ),
        Exit.AUTH,
    ),
    **dict.fromkeys(
        (
            "NETWORK_EXCEPTION",
            "_ALL_BROKERS_DOWN",
            "_BAD_MSG",
            "_MSG_TIMED_OUT",
            "_RESOLVE",
            "_TIMED_OUT",
            "_TIMED_OUT_QUEUE",
            "_TRANSPORT",
        ),
        Exit.CONNECT,
    ),
    "_INVALID_ARG": Exit.USAGE,
}
"""The exit code of an error of Kafka, or of librdkafka (with an underscore); of any other it is ERROR."""

GETTING_IN: Final = re.compile(r"SSL handshake failed|in state (?:SSL_HANDSHAKE|AUTH\w*)\b")
"""What librdkafka says, in whichever error, of a connection that ends while TLS and SASL are under way."""

NO_KAFKA: Final = "Invalid response size"
"""What librdkafka says of an answer that is no answer of a broker, an HTTP server's for one."""

_DECORATION: Final = re.compile(
    r"^(?:\S+/(?:bootstrap|\d+): )|^(?:Broker|Local|Unable to produce message): | \(after \d+ms in state \w+.*\)$"
)


class Unreachable(CordwoodError):
    """Nobody can be asked, or nobody who lets us in: who was tried, and what became of it."""

    retriable = True

    def __init__(self, servers: str, reason: str, code: Exit) -> None:
        if code is Exit.AUTH:
            message = (
                f"{servers} does not let us in: {reason}; "
                "say how by -X security.protocol=..., -X sasl.mechanism=... and the like, or in a file by -F"
            )
        else:
            message = (
                f"nobody answers at {servers}: {reason}; is a broker running there? -b HOST:PORT names another, "
                "`cordwood doctor` looks closer"
            )
        super().__init__(message)
        self.servers = servers
        self.reason = reason
        self.code = code


def exit_of(error: KafkaError) -> Exit:
    """The exit code that an error comes to."""
    if GETTING_IN.search(error.str()):
        return Exit.AUTH
    return EXITS.get(error.name(), Exit.ERROR)


def words_of(error: KafkaError) -> str:
    """What an error says, without librdkafka's own particulars; with the name of its code where that is Kafka's."""
    words = error.str()
    if error.name() == "_TIMED_OUT":
        return "no answer came in time (--timeout)"
    if NO_KAFKA in words:
        return "what answers there is no Kafka broker, or one that wants TLS (-X security.protocol=SSL)"
    while (plain := _DECORATION.sub("", words)) != words:
        words = plain
    words = words.rstrip(". ") or error.name()
    return words if error.code() < 0 else f"{words} ({error.name()})"


def error_of(exception: KafkaException) -> KafkaError:
    """The error that an exception of librdkafka carries."""
    error = exception.args[0]
    assert isinstance(error, KafkaError), exception.args
    return error


@contextmanager
def failures_told(connection: Connection) -> Iterator[None]:
    """Ends the program with a line and its exit code, if Kafka or Cordwood raises an error."""
    try:
        yield
    except Unreachable as unreachable:
        fail(str(unreachable), unreachable.code)
    except KafkaException as exception:
        refused = error_of(exception)
        code = exit_of(refused)
        words = words_of(refused)
        fail(str(Unreachable(connection.servers, words, code)) if code is Exit.CONNECT else words, code)
    except CordwoodError as error:
        fail(str(error), Exit.ERROR)
