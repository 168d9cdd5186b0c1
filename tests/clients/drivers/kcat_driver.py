"""The driver around kcat 1.7 (C, librdkafka 2.0). The lines it speaks are described in protocol.py.

kcat is started for each run of records that share a command line: one topic and partition, one codec, the same headers.
It cannot set timestamps, and it cannot send an empty value under a null key.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from typing import IO, Any

from tests.clients.drivers import protocol

MESSAGE_MAX_BYTES = 1_048_576
# Between messages, and between key and value: of several bytes, so that random content does not hold them. kcat takes every
# hexadecimal digit after \x as part of it, so a word that follows begins with another letter.
MESSAGE_END = "\\x1eSTOP\\x1e"
KEY_END = "\\x1eKEY\\x1e"
DELIVERED = re.compile(rb"Message delivered to partition \d+ \(offset (-?\d+)\)")
TIMESTAMPS = {"latest": -1, "earliest": -2}
# Several partitions are read at the same time: most of a short run of kcat is waiting.
READERS = 4


def plain(delimiter: str) -> bytes:
    """The bytes of a delimiter that is written as kcat wants it."""
    return delimiter.encode().decode("unicode_escape").encode()


def shape(record: protocol.Outgoing) -> tuple[object, ...]:
    """What must be equal for two records to go through one run of kcat."""
    nulls = record.key is None, record.value is None
    return record.topic, record.partition, record.manner, tuple(record.headers), nulls


def produce_run(bootstrap: str, records: list[protocol.Outgoing], answers: protocol.Answers) -> None:
    first = records[0]
    arguments = ["kcat", "-P", "-b", bootstrap, "-t", first.topic, "-p", str(first.partition), "-D", MESSAGE_END]
    arguments += ["-z", first.manner.codec, "-X", f"topic.request.required.acks={first.manner.acks}", "-vvv"]
    arguments += ["-X", f"message.max.bytes={MESSAGE_MAX_BYTES}", "-X", "topic.produce.offset.report=true"]
    arguments += ["-X", f"enable.idempotence={str(first.manner.idempotent).lower()}"]
    for name, content in first.headers:
        # kcat takes `name` for a null header and `name=` for an empty one.
        header = name.encode() if content is None else name.encode() + b"=" + content
        arguments += ["-H", header]  # type: ignore[list-item]
    if first.key is not None:
        arguments += ["-K", KEY_END]
    if first.value is None:
        arguments.append("-Z")
    prefix = plain(KEY_END) if first.key is not None else b""
    lines = [(record.key or b"") + prefix + (record.value or b"") + plain(MESSAGE_END) for record in records]
    done = subprocess.run(arguments, input=b"".join(lines), capture_output=True, check=False)
    offsets = [int(found) for found in DELIVERED.findall(done.stderr)]
    if done.returncode or len(offsets) != len(records):
        for record in records:
            answers.refuse(record, done.stderr.decode(errors="replace"))
        return
    for record, offset in zip(records, offsets, strict=True):
        answers.acknowledge(record, offset)


def produce(options: protocol.Options) -> None:
    answers = protocol.Answers()
    for _, records in groupby(protocol.read_outgoing(), key=shape):
        produce_run(options.bootstrap, list(records), answers)


def parse_headers(text: bytes) -> Iterator[tuple[str, bytes | None]]:
    """kcat's `n=v,n2=v2`, where null is written NULL; names and contents with a comma cannot be told apart."""
    for pair in text.split(b",") if text else ():
        name, content = pair.split(b"=", 1)
        yield name.decode(), None if content == b"NULL" else content


def sized(output: IO[bytes], size: int) -> bytes | None:
    return None if size < 0 else output.read(size)


def consume_run(options: protocol.Options, want: protocol.Wanted, answers: protocol.Answers) -> None:
    arguments = ["kcat", "-C", "-b", options.bootstrap, "-t", want.topic, "-p", str(want.partition), "-q", "-u"]
    arguments += ["-o", str(want.offset), "-c", str(want.count), "-f", "%o %T %K %S %h\\n%k%s\\n"]
    arguments += ["-X", f"isolation.level={options.isolation}", "-X", f"fetch.wait.max.ms={options.max_wait_ms}"]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE) as process:
        output = process.stdout
        assert output is not None
        while line := output.readline():
            offset, timestamp_ms, key_size, value_size, headers = line.rstrip(b"\n").split(b" ", 4)
            key = sized(output, int(key_size))
            value = sized(output, int(value_size))
            output.readline()
            answers.show(want.topic, want.partition, int(offset), int(timestamp_ms), key, value, parse_headers(headers))
    if process.returncode:
        raise SystemExit(process.returncode)


def consume(options: protocol.Options) -> None:
    answers = protocol.Answers()
    wanted = protocol.read_wanted()
    with ThreadPoolExecutor(READERS) as readers:
        for _ in readers.map(lambda want: consume_run(options, want, answers), wanted):
            pass


class Admin:
    """What kcat can tell: -L (metadata) and -Q (offsets)."""

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap

    def cluster(self, request: Mapping[str, Any]) -> object:
        found = self._metadata()
        brokers = []
        for broker in found["brokers"]:
            host, port = broker["name"].rsplit(":", 1)
            brokers.append({"id": broker["id"], "host": host, "port": int(port)})
        return {"controller": found["controllerid"], "brokers": brokers}

    def topics(self, request: Mapping[str, Any]) -> object:
        return sorted(topic["topic"] for topic in self._metadata()["topics"])

    def describe_topic(self, request: Mapping[str, Any]) -> object:
        (found,) = self._metadata("-t", request["topic"])["topics"]
        if found.get("error"):
            raise LookupError(found["error"])
        partitions = [
            {
                "id": part["partition"],
                "leader": part["leader"],
                "replicas": _ids(part["replicas"]),
                "isr": _ids(part["isrs"]),
            }
            for part in found["partitions"]
        ]
        return {"partitions": partitions}

    def offsets(self, request: Mapping[str, Any]) -> object:
        at = TIMESTAMPS.get(request["at"], request["at"])
        answer = self._run("-Q", "-t", f"{request['topic']}:{request['partition']}:{at}")
        return {"offset": int(answer.rsplit(b" ", 1)[1])}

    def _metadata(self, *arguments: str) -> Any:
        return json.loads(self._run("-L", "-J", *arguments))

    def _run(self, *arguments: str) -> bytes:
        return subprocess.run(["kcat", "-b", self._bootstrap, *arguments], stdout=subprocess.PIPE, check=True).stdout


def _ids(brokers: Iterable[Mapping[str, int]]) -> list[int]:
    return [broker["id"] for broker in brokers]


def code_of(error: Exception) -> int | None:
    """kcat prints errors in words only; one of them is asked for by the tests."""
    return 3 if "Unknown topic or partition" in str(error) else None


def admin(options: protocol.Options) -> None:
    protocol.serve_operations(protocol.operations_of(Admin(options.bootstrap)), code_of)


if __name__ == "__main__":
    protocol.main({"produce": produce, "consume": consume, "admin": admin})
