"""What every driver speaks: JSON lines on standard input and output, one verb per process.

A driver is a program around one Kafka client. It is started as `driver VERB BOOTSTRAP [--OPTION VALUE]` and does
only what it is told, so that a test can put the same question to every client there is. The drivers in Go, Java and
JavaScript beside this file speak the same lines.

    produce   in:  {"n", "topic", "partition", "key", "value", "headers": [[name, value]...], "timestamp_ms",
                    "codec": "none|gzip|snappy|lz4|zstd", "acks": "0|1|all", "idempotent": bool}
              out: {"n", "topic", "partition", "offset"}  when acknowledged; {"n", "error"}  when refused.
                   Lines are answered while more are read; the end of input flushes and ends the driver.
    consume   in:  {"topic", "partition", "offset", "count"} ...  all of it is read before the first fetch
              out: {"topic", "partition", "offset", "timestamp_ms", "key", "value", "headers"}  `count` of each
              options: --isolation read_committed|read_uncommitted, --max-wait-ms N
    admin     in:  {"op": name, ...arguments}
              out: {"ok": result} or {"error": Kafka's error code, "message"}  one line for each, in order
    group     in:  one line, {"group", "topics": [name...] or "pattern": regular expression, "protocol":
                   "classic|consumer", "assignor", "instance_id", "session_timeout_ms", "heartbeat_ms"}, of which
                   assignor (then it is the client's own choice) and instance_id may be null; it joins, and leaves at
                   the end of input
              out: {"assigned": [[topic, partition]...]}, {"revoked": [...]}, {"lost": [...]}  as it gains and loses
                   them; {"records": [[topic, partition, offset]...]}  what a poll gave; {"committed": [[topic,
                   partition, next offset]...]}  when acknowledged; {"refused": message}  a commit that was not
                   Records are written out before they are committed, in the foreground. A group that has committed
                   nothing begins at the first record.
    transact  in:  {"op": name, ...arguments}, of which the first is {"op": "init", "transactional_id", "timeout_ms"},
                   and then {"op": "begin"}, {"op": "send", "records": [{"topic", "partition", "key", "value"}...]},
                   {"op": "offsets", "group", "offsets": [[topic, partition, next offset]...]}, {"op": "commit"} and
                   {"op": "abort"}, as often as one likes
              out: {"ok": result} or {"error": Kafka's error code or the client's own, "message"}  one for each, in order;
                   of `send` the result is the offsets of the records, when all are acknowledged
    transform in:  one line, {"transactional_id", "from": topic, "to": topic, "abort_every": n} and what `group` is told;
                   it joins the group and copies every record to the partition of the same number, with its offsets, in
                   transactions of a few records each, of which it aborts every n-th; it leaves at the end of input
              out: {"committed": how many records}, {"aborted": how many}, {"refused": message}  a transaction that was
                   to be committed and could not be
    survey    every call of an admin client: see survey.py

Keys and values (of records and of headers) are base64, or null for null. Everything but lines of the protocol goes to
standard error. Nothing in here knows a Kafka client.
"""

from __future__ import annotations

import argparse
import base64
import json
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Headers = list[tuple[str, bytes | None]]
Operation = Callable[[Mapping[str, Any]], object]


@dataclass(frozen=True, slots=True)
class Manner:
    """How records are sent. A client needs one producer for each manner."""

    codec: str
    acks: str
    idempotent: bool


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One record to produce; `n` is the test's own number for it."""

    n: int
    topic: str
    partition: int
    key: bytes | None
    value: bytes | None
    headers: Headers
    timestamp_ms: int | None
    manner: Manner


@dataclass(frozen=True, slots=True)
class Wanted:
    """A run of records to consume: `count` of them from `offset` on."""

    topic: str
    partition: int
    offset: int
    count: int


@dataclass(frozen=True, slots=True)
class Options:
    """The command line, parsed."""

    bootstrap: str
    isolation: str
    max_wait_ms: int
    name: str


class Answers:
    """Writes answer lines; callbacks of several threads may share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.refused = 0

    def acknowledge(self, record: Outgoing, offset: int) -> None:
        self.write({"n": record.n, "topic": record.topic, "partition": record.partition, "offset": offset})

    def refuse(self, record: Outgoing, error: object) -> None:
        self.refused += 1
        self.write({"n": record.n, "error": str(error)})

    def show(
        self,
        topic: str,
        partition: int,
        offset: int,
        timestamp_ms: int,
        key: bytes | None,
        value: bytes | None,
        headers: Iterable[tuple[str, bytes | None]],
    ) -> None:
        self.write(
            {
                "topic": topic,
                "partition": partition,
                "offset": offset,
                "timestamp_ms": timestamp_ms,
                "key": armour(key),
                "value": armour(value),
                "headers": [[name, armour(content)] for name, content in headers],
            }
        )

    def write(self, answer: Mapping[str, object]) -> None:
        line = json.dumps(answer, separators=(",", ":")) + "\n"
        with self._lock:
            sys.stdout.write(line)
            sys.stdout.flush()


def armour(content: bytes | None) -> str | None:
    """Bytes as they travel in a line."""
    return None if content is None else base64.b64encode(content).decode()


def bare(text: str | None) -> bytes | None:
    """The inverse of `armour`."""
    return None if text is None else base64.b64decode(text)


def outgoing(line: str) -> Outgoing:
    """One line of `produce`."""
    fields = json.loads(line)
    return Outgoing(
        n=fields["n"],
        topic=fields["topic"],
        partition=fields["partition"],
        key=bare(fields.get("key")),
        value=bare(fields.get("value")),
        headers=[(name, bare(content)) for name, content in fields.get("headers", ())],
        timestamp_ms=fields.get("timestamp_ms"),
        manner=Manner(fields.get("codec", "none"), fields.get("acks", "all"), fields.get("idempotent", False)),
    )


def read_outgoing() -> Iterator[Outgoing]:
    """Every record of `produce`, each as soon as its line is there."""
    while line := sys.stdin.readline():
        yield outgoing(line)


def read_wanted() -> list[Wanted]:
    """Everything that `consume` is asked for."""
    lines = [json.loads(line) for line in sys.stdin]
    return [Wanted(line["topic"], line["partition"], line["offset"], line["count"]) for line in lines]


def operations_of(admin: object) -> dict[str, Operation]:
    """The public methods of an object, as operations."""
    return {name: getattr(admin, name) for name in vars(type(admin)) if not name.startswith("_")}


def serve_operations(operations: Mapping[str, Operation], code_of: Callable[[Exception], int | None]) -> None:
    """Answer lines that name an operation until input ends."""
    answers = Answers()
    while line := sys.stdin.readline():
        request = json.loads(line)
        try:
            answers.write({"ok": operations[request["op"]](request)})
        except Exception as error:  # noqa: BLE001 (whatever the client raises is the answer, and the test judges it)
            answers.write({"error": code_of(error), "message": f"{type(error).__name__}: {error}"})


def main(verbs: Mapping[str, Callable[[Options], None]]) -> None:
    """Does what the command line says."""
    parser = argparse.ArgumentParser()
    parser.add_argument("verb", choices=sorted(verbs))
    parser.add_argument("bootstrap")
    parser.add_argument("--isolation", default="read_uncommitted", choices=("read_committed", "read_uncommitted"))
    parser.add_argument("--max-wait-ms", type=int, default=100)
    parser.add_argument("--name", default="")
    known = parser.parse_args()
    verbs[known.verb](Options(known.bootstrap, known.isolation, known.max_wait_ms, known.name))
