"""Topics that are created one after another through a real admin client, while things happen to the brokers.

Lives here: the clients' calls, what an application does with their errors, and the book of what was acknowledged. Must not
live here: tests.

An attempt that fails in a way that may pass is made again, after the client has asked for fresh metadata: neither of the
two clients finds out by itself that the controller is another broker now.
"""

from __future__ import annotations

import threading
import time
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from types import MappingProxyType, TracebackType
from typing import Final, Protocol, Self

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
    from kafka.admin import KafkaAdminClient
    from kafka.admin import NewTopic as KafkaPythonNewTopic
    from kafka.errors import KafkaConnectionError, TopicAlreadyExistsError
    from kafka.errors import KafkaError as KafkaPythonError

PARTITIONS: Final = 3
ATTEMPT_S: Final = 1.0
"""How long a client waits for an answer before it fails the call."""

CLIENT_TIMEOUT_S: Final = 30.0
"""How long an application would go on trying: the clients' own default."""


class MayPass(Exception):
    """The topic was not acknowledged, and may be asked for again."""


class Admin(Protocol):
    """A real client."""

    def create(self, topic: str) -> None:
        """Returns when the topic is acknowledged. Raises MayPass."""
        ...

    def close(self) -> None:
        """Lets the client go."""
        ...


class Confluent:
    """confluent-kafka, which is librdkafka."""

    def __init__(self, bootstrap: str) -> None:
        self._admin = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})

    def create(self, topic: str) -> None:
        wanted = NewTopic(topic, PARTITIONS, 1)
        try:
            future = self._admin.create_topics([wanted], request_timeout=ATTEMPT_S, operation_timeout=ATTEMPT_S)[topic]
            future.result(CLIENT_TIMEOUT_S)
        except KafkaException as failure:
            error = failure.args[0]
            if error.code() == KafkaError.TOPIC_ALREADY_EXISTS:
                return  # By an attempt whose answer was lost.
            if not (error.retriable() or error.code() < 0):  # The client's own codes: nobody was reached, or in time.
                raise
            with suppress(KafkaException):
                self._admin.list_topics(timeout=ATTEMPT_S)
            raise MayPass(str(error)) from failure

    def close(self) -> None:
        """The client ends with its last reference."""


class KafkaPython:
    """kafka-python. It never looks for another controller than its first one, so that a new client has to."""

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap.split(",")
        self._admin: KafkaAdminClient | None = None

    def create(self, topic: str) -> None:
        wanted = KafkaPythonNewTopic(topic, PARTITIONS, 1)
        try:
            if self._admin is None:
                self._admin = KafkaAdminClient(
                    bootstrap_servers=self._bootstrap, request_timeout_ms=int(ATTEMPT_S * 1000)
                )
            self._admin.create_topics([wanted], timeout_ms=int(ATTEMPT_S * 1000))
        except TopicAlreadyExistsError:
            return
        except KafkaPythonError as error:
            if not error.retriable and not isinstance(error, KafkaConnectionError):
                raise
            self.close()
            raise MayPass(repr(error)) from error

    def close(self) -> None:
        if self._admin is not None:
            self._admin.close()
            self._admin = None


ADMINS: Final[Mapping[str, Callable[[str], Admin]]] = MappingProxyType(
    {"confluent-kafka": Confluent, "kafka-python": KafkaPython}
)


class Creation:
    """A thread that creates topic after topic until it is told to end."""

    def __init__(self, admin: Admin, prefix: str) -> None:
        self._admin = admin
        self._prefix = prefix
        self._news = threading.Condition()
        self._acknowledged: list[tuple[float, str]] = []
        self._ending = False
        self._failure: BaseException | None = None
        self.troubles: list[str] = []
        """The errors that passed."""
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._ending = True
        self._thread.join(CLIENT_TIMEOUT_S)
        self._admin.close()
        if error is None:
            self._check()

    @property
    def names(self) -> set[str]:
        """The topics that were acknowledged."""
        with self._news:
            return {name for _, name in self._acknowledged}

    def until_more(self, count: int) -> None:
        """Waits until so many more were acknowledged, as long as an application would."""
        with self._news:
            wanted = len(self._acknowledged) + count
            enough = self._news.wait_for(
                lambda: len(self._acknowledged) >= wanted or self._failure is not None, CLIENT_TIMEOUT_S
            )
        self._check()
        assert enough, f"no {count} topics within {CLIENT_TIMEOUT_S} s; last troubles: {self.troubles[-5:]}"

    def pause_after(self, moment: float) -> float:
        """How long after a moment of the monotonic clock the next topic was acknowledged, in seconds."""
        with self._news:
            return min(at for at, _ in self._acknowledged if at > moment) - moment

    def _check(self) -> None:
        if self._failure is not None:
            raise self._failure

    def _run(self) -> None:
        number = 0
        try:
            while not self._ending:
                self._create(f"{self._prefix}-{number}")
                number += 1
        except BaseException as failure:  # noqa: BLE001 - the test's thread raises it.
            with self._news:
                self._failure = failure
                self._news.notify_all()

    def _create(self, name: str) -> None:
        while not self._ending:
            try:
                self._admin.create(name)
            except MayPass as trouble:
                self.troubles.append(str(trouble))
                continue
            with self._news:
                self._acknowledged.append((time.monotonic(), name))
                self._news.notify_all()
            return
