"""Clients of librdkafka that come to an end: with an answer, or with the reason why there is none.

      a request ──> future ──┬── done: its result, or the error that the cluster gave
                             ├── every known broker is down, as librdkafka has noticed: Unreachable, at once
                             └── no answer within the connection's time: librdkafka's own error

One broker of several that is down is nothing: librdkafka asks another.

Lives here: making clients, watching them, waiting. Must not live here: what is asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import contextmanager
from typing import Any, Final, TypeVar

from confluent_kafka import KafkaError, KafkaException, TopicCollection
from confluent_kafka.admin import AdminClient, ClusterMetadata, TopicDescription

from cordwood.cli.client.errors import Unreachable, error_of, exit_of, failures_told, words_of
from cordwood.cli.client.options import Connection
from cordwood.cli.terminal.exits import Exit

GLANCE_S: Final = 0.02
"""How often is looked whether brokers are down, while an answer is waited for."""

QUIET: Final = 2
"""librdkafka's log on standard error says nothing below this level: what matters comes as errors."""

HUNG_UP: Final = (
    "connections are closed as soon as they are made, as by a broker that wants TLS or SASL (-X security.protocol=...)"
)
"""What is wrong where librdkafka has nothing to say: to it, being hung up on is no error."""

K = TypeVar("K")
V = TypeVar("V")


class Watch:
    """Hears of the trouble that a client has, and knows when there is no hope."""

    def __init__(self, connection: Connection) -> None:
        self._servers = connection.servers
        self._trouble: dict[Exit, str] = {}
        self._is_hopeless = False

    def heard(self, error: KafkaError) -> None:
        """Takes an error that librdkafka tells by itself."""
        if error.name() == "_ALL_BROKERS_DOWN":
            self._is_hopeless = True
        else:
            self._trouble[exit_of(error)] = words_of(error)

    @property
    def trouble(self) -> Unreachable | None:
        """What is known to be wrong with the brokers that were tried; that one does not let us in tells most."""
        for code in (Exit.AUTH, Exit.CONNECT):
            if code in self._trouble:
                return Unreachable(self._servers, self._trouble[code], code)
        return None

    def check(self) -> None:
        """Raises Unreachable once every broker is known to be down."""
        if self._is_hopeless:
            raise self.trouble or Unreachable(self._servers, HUNG_UP, Exit.CONNECT)

    def hopes(self) -> None:
        """Forgets what was heard: for commands that wait until a broker is back."""
        self._is_hopeless = False
        self._trouble.clear()


def client_properties(connection: Connection, watch: Watch, more: Mapping[str, Any] = {}) -> dict[str, Any]:
    """The properties of a client: `more` are those of the command, which people may overrule."""
    own = {
        "client.id": "cordwood",
        "log_level": QUIET,
        "socket.nagle.disable": True,
        "reconnect.backoff.ms": 1,  # It is doubled each time; whom a bootstrap server names is also waited for that long.
        "socket.connection.setup.timeout.ms": max(1000, round(connection.timeout_s * 1000)),
        "error_cb": watch.heard,
    }
    given = dict(connection.properties)
    if "debug" in given:
        del own["log_level"]
    return {**own, **more, **given}


class Cluster:
    """A cluster to ask. Its methods raise Unreachable, and KafkaException for what the cluster or librdkafka refuses."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.watch = Watch(connection)
        self.admin = AdminClient(client_properties(connection, self.watch))
        self._is_reached = False

    @property
    def timeout_s(self) -> float:
        """How long an answer may take: for `request_timeout` of the admin client's calls, in seconds."""
        return self.connection.timeout_s

    def wait(self, future: Future[V]) -> V:
        """The result of a call."""
        self._wait_for({future})
        try:
            result = future.result()
        except KafkaException as exception:
            raise self._better(exception) from exception
        self._is_reached = True
        return result

    def outcomes(self, futures: Mapping[K, Future[V]]) -> Iterator[tuple[K, V | KafkaError]]:
        """What became of each of several calls, in their order: its result, or its error.

        That somebody did not answer is the error of one call where another was answered; else it is raised.
        """
        silence: KafkaException | None = None
        found: list[tuple[K, V | KafkaError]] = []
        is_answered = False
        for key, future in futures.items():
            self._wait_for({future})
            exception = future.exception()
            if exception is None:
                found.append((key, future.result()))
                is_answered = True
            elif not isinstance(exception, KafkaException):
                raise exception
            else:
                error = error_of(exception)
                found.append((key, error))
                silence = exception if exit_of(error) is Exit.CONNECT else silence
                is_answered |= exit_of(error) is not Exit.CONNECT
        if silence is not None and not is_answered:
            raise self._better(silence) from silence
        self._is_reached |= is_answered
        yield from found

    def metadata(self) -> ClusterMetadata:
        """All brokers and all topics."""
        if not self._is_reached:
            self.wait(self.admin.describe_cluster(request_timeout=self.timeout_s))
        return self.admin.list_topics(timeout=self.timeout_s)

    def topics(self, names: Sequence[str]) -> Iterator[tuple[str, TopicDescription | KafkaError]]:
        """Topics by their names, in this order. To ask creates none, which `AdminClient.list_topics` of a name would."""
        if not names:
            return
        futures = self.admin.describe_topics(TopicCollection(list(names)), request_timeout=self.timeout_s)
        yield from self.outcomes(futures)

    def _wait_for(self, futures: set[Future[V]]) -> None:
        while wait(futures, GLANCE_S, FIRST_COMPLETED).not_done:
            self.admin.poll(0)
            self.watch.check()

    def _better(self, exception: KafkaException) -> Exception:
        """The trouble behind an answer that did not come, if it is known."""
        is_silence = exit_of(error_of(exception)) is Exit.CONNECT
        return (self.watch.trouble if is_silence else None) or exception


@contextmanager
def cluster(connection: Connection) -> Iterator[Cluster]:
    """A cluster to ask; ends the program with a line and an exit code where it cannot be."""
    with failures_told(connection):
        yield Cluster(connection)
