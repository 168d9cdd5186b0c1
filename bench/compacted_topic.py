"""A compacted topic in a real broker, while a real producer writes to it: what stays, how fast, how much it takes.

librdkafka (confluent-kafka) sends `--updates` updates of `--keys` keys to one partition of a broker in a process of its own,
which compacts meanwhile; then it goes on with a few a second until all is compacted. Then everything is read, and must be
exactly what a reader of all updates would know: the last value of each key, at its offset, in the order of offsets.

    stall_ms       the longest that an answer took which the event loop gives at once (ApiVersions), asked for every
                   millisecond on a connection of its own by another process; `stall_p99_ms` all but the worst hundredth
    plain_ms       the same while as many updates go to a topic that is not compacted: what the producer alone costs
    machine_ms     how late the asking process itself was woken at worst: what the machine adds to the first two; small with
                   `--realtime`, which puts broker and probe before all else that runs on the machine (SCHED_RR)
    mb_per_s       bytes of the log that were copied or left out, by the broker's own metrics, a second of its compactions
    memory_mb      the most anonymous memory of the broker; `bound_mb` is what it had before, the offset map's buffer, and
                   what may wait for a look at its keys before it is appended

Lives here: that run. Must not live here: compaction without a broker (compaction.py).
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._config import AlterConfigOpType, ConfigEntry, ConfigResource
from confluent_kafka.admin._resource import ResourceType
from confluent_kafka.cimpl import NewTopic

from bench.procfs import MemoryPeak, usage
from bench.stalls import Probe
from cordwood.replica.conversion import QUEUE_LIMIT_BYTES

COMPACTED: Final = "compacted"
PLAIN: Final = "plain"
SEGMENT_BYTES: Final = 64 << 20
PATIENCE_S: Final = 300.0
BROKER_PRIORITY, LOOP_PRIORITY = 1, 2
"""Real-time priorities of the broker's threads and of its event loop; the probe is above. A nice value would not do: many
systems count it within one session only (autogroups)."""
_FILLING: Final = bytes(range(33, 123)) * 4


def key(number: int, keys: int) -> bytes:
    """The key of an update: neighbours in time are no neighbours in keys."""
    return b"key-%d" % (number * 2_654_435_761 % 4_294_967_291 % keys)


def value(number: int) -> bytes:
    """The value of an update: it says its number, and has 40 to 167 bytes."""
    return b"%012d" % number + _FILLING[number % 90 : number % 90 + 28 + number % 128]


# The broker.


class Broker:
    """`cordwood serve`, with the address of its metrics."""

    def __init__(self, directory: Path, settings: dict[str, str], *, is_realtime: bool) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._http = f"127.0.0.1:{free.getsockname()[1]}"
        ready = directory / "ready"
        command = ["chrt", "-r", str(BROKER_PRIORITY)] if is_realtime else []
        command += [sys.executable, "-m", "cordwood", "serve", "--data", str(directory / "data")]
        command += ["--listen", "127.0.0.1:0", "--http", self._http, "--ready-file", str(ready)]
        for name, text in settings.items():
            command += ["--set", f"{name}={text}"]
        self.process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + PATIENCE_S
        while not ready.exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit("the broker did not start")
            time.sleep(0.01)
        if is_realtime:
            os.sched_setscheduler(self.process.pid, os.SCHED_RR, os.sched_param(LOOP_PRIORITY))
        self.address = ready.read_text().strip()
        self.port = int(self.address.rpartition(":")[2])

    def metrics(self) -> dict[str, float]:
        """What it counts of compaction."""
        with urllib.request.urlopen(f"http://{self._http}/metrics", timeout=PATIENCE_S) as answer:
            text = answer.read().decode()
        return {
            name: float(figure) for name, figure in re.findall(r"^cordwood_(compaction\w+) (\S+)$", text, re.MULTILINE)
        }

    def stop(self) -> None:
        """As a service manager does it."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


@contextmanager
def running(options: argparse.Namespace) -> Iterator[Broker]:
    """A broker on an empty directory, which is removed afterwards."""
    directory = Path(tempfile.mkdtemp(prefix="compacted-topic-", dir=options.directory))
    settings = {
        "log.cleaner.backoff.ms": "100",
        "log.cleaner.dedupe.buffer.size": str(options.buffer),
        "flush.policy": options.policy,
    }
    try:
        broker = Broker(directory, settings, is_realtime=options.realtime)
        try:
            yield broker
        finally:
            broker.stop()
    finally:
        shutil.rmtree(directory)


# The run.


def send(producer: Producer, topic: str, keys: int, start: int, end: int) -> None:
    """Sends the updates of these numbers; the offset of each is its number, for there is one partition and one producer."""
    produce, poll = producer.produce, producer.poll
    for number in range(start, end):
        while True:
            try:
                produce(topic, value(number), key(number, keys))
                break
            except BufferError:
                poll(0.01)
        if not number % 1000:
            poll(0)


def flush(producer: Producer) -> None:
    """Returns when all is acknowledged."""
    if producer.flush(PATIENCE_S):
        raise SystemExit("not everything was acknowledged")


def make_topics(broker: Broker) -> AdminClient:
    """One that is compacted, and one that is not."""
    admin = AdminClient({"bootstrap.servers": broker.address, "log_level": 0})
    common = {"segment.bytes": str(SEGMENT_BYTES)}
    topics = [
        NewTopic(COMPACTED, num_partitions=1, replication_factor=1, config={**common, "cleanup.policy": "compact"}),
        NewTopic(PLAIN, num_partitions=1, replication_factor=1, config=common),
    ]
    for future in admin.create_topics(topics).values():
        future.result()
    return admin


def compact_all(admin: AdminClient, broker: Broker, producer: Producer, keys: int, start: int) -> int:
    """Goes on producing, a few updates a second, until all before is compacted; returns how many there are now."""
    entries = [
        ConfigEntry(name, text, incremental_operation=AlterConfigOpType.SET)
        for name, text in (("min.cleanable.dirty.ratio", "0"), ("segment.ms", "500"))
    ]
    resource = ConfigResource(ResourceType.TOPIC, COMPACTED, incremental_configs=entries)
    for future in admin.incremental_alter_configs([resource]).values():
        future.result()
    number, deadline = start, time.monotonic() + PATIENCE_S
    wanted = broker.metrics()["compactions_total"] + 4
    while broker.metrics()["compactions_total"] < wanted:
        if time.monotonic() > deadline:
            raise SystemExit("the compaction does not come to an end")
        send(producer, COMPACTED, keys, number, number + 5)
        number += 5
        flush(producer)
        time.sleep(0.25)
    return number


def read_all(address: str) -> list[tuple[int, bytes, bytes]]:
    """Offset, key and value of everything that is left, as a consumer is given it."""
    settings = {"bootstrap.servers": address, "group.id": "unused", "enable.auto.commit": False, "log_level": 0}
    consumer = Consumer(settings)
    partition = TopicPartition(COMPACTED, 0, 0)
    _, end = consumer.get_watermark_offsets(partition, timeout=10)
    consumer.assign([partition])
    found: list[tuple[int, bytes, bytes]] = []
    while not found or found[-1][0] < end - 1:
        for message in consumer.consume(10_000, timeout=1):
            if message.error() is not None:
                raise SystemExit(f"the consumer met {message.error()}")
            offset, name, text = message.offset(), message.key(), message.value()
            if offset is None or name is None or text is None:
                raise SystemExit(f"the record at {offset} lacks its key or value")
            found.append((offset, name, text))
    consumer.close()
    return found


def check(found: list[tuple[int, bytes, bytes]], count: int, tail: int, keys: int) -> None:
    """Ends the program unless exactly the last value of each key is there, each at its offset, and in that order.

    What was sent last, `tail` updates, may be in the active segment, which is not compacted: they are there besides.
    """
    last = {key(number, keys): number for number in range(count)}
    offsets = [offset for offset, _, _ in found]
    if offsets != sorted(set(offsets)):
        raise SystemExit("the offsets do not grow")
    if any((name, text) != (key(offset, keys), value(offset)) for offset, name, text in found):
        raise SystemExit("a record is not what was sent at its offset")
    if {name: offset for offset, name, _ in found} != last:
        raise SystemExit("not every key has its last value")
    if len(found) > len(last) + tail:
        raise SystemExit(f"{len(found)} records are left of {len(last)} keys")


def worst(times: list[float]) -> float:
    """The largest."""
    return times[-1]


def p99(times: list[float]) -> float:
    """All but the worst hundredth are below."""
    return times[int(len(times) * 0.99)]


def run(options: argparse.Namespace, codec: str) -> dict[str, float]:
    """One broker, one producer, one codec."""
    with running(options) as broker:
        admin = make_topics(broker)
        settings = {"bootstrap.servers": broker.address, "linger.ms": 5, "compression.type": codec, "log_level": 0}
        producer = Producer({**settings, "enable.idempotence": True})
        with Probe(broker.port, is_realtime=options.realtime) as plain:
            send(producer, PLAIN, options.keys, 0, options.updates // 5)
            flush(producer)
        before = usage(broker.process.pid)
        with MemoryPeak(broker.process.pid) as memory, Probe(broker.port, is_realtime=options.realtime) as stalls:
            began = time.perf_counter()
            send(producer, COMPACTED, options.keys, 0, options.updates)
            flush(producer)
            sent_s = time.perf_counter() - began
            count = compact_all(admin, broker, producer, options.keys, options.updates)
            took_s = time.perf_counter() - began
        metrics = broker.metrics()
        found = read_all(broker.address)
    check(found, count, count - options.updates, options.keys)
    read_mb = metrics["compaction_read_bytes_total"] / 1e6
    return {
        "updates": count,
        "keys": options.keys,
        "records_left": len(found),
        "updates_per_s": options.updates / sent_s,
        "seconds": took_s,
        "compactions": metrics["compactions_total"],
        "mb_per_s": read_mb / metrics["compaction_seconds_total"],
        "records_per_s": metrics["compaction_records_total"] / metrics["compaction_seconds_total"],
        "read_mb": read_mb,
        "stall_ms": worst(stalls.answers),
        "stall_p99_ms": p99(stalls.answers),
        "plain_ms": worst(plain.answers),
        "plain_p99_ms": p99(plain.answers),
        "machine_ms": max(worst(stalls.late), worst(plain.late)),
        "memory_mb": memory.peak.anonymous_mb,
        "bound_mb": before.anonymous_mb + (options.buffer + QUEUE_LIMIT_BYTES) / 1e6,
    }
