"""Topics for the tests of commands."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from confluent_kafka import KafkaError, Message, Producer

from cordwood.testing import Server
from tests.cli.running import run


def create(server: Server, *arguments: str) -> None:
    """Creates topics, by the command itself."""
    done = run(server, "topic", "create", *arguments)
    assert done.exit_code == 0, done.stderr


def produce(server: Server, topic: str, partition: int, timestamps_ms: Sequence[int]) -> None:
    """One record for each time."""
    errors: list[str] = []
    producer = Producer({"bootstrap.servers": server.bootstrap_servers})
    for timestamp_ms in timestamps_ms:
        producer.produce(topic, b"x", partition=partition, timestamp=timestamp_ms, on_delivery=_noted(errors))
    assert producer.flush(10) == 0
    assert errors == []


def _noted(errors: list[str]) -> Callable[[KafkaError | None, Message], None]:
    def note(error: KafkaError | None, _message: Message) -> None:
        if error is not None:
            errors.append(error.str())

    return note
