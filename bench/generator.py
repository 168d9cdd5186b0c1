"""The Python face of the C load generators: builds them when their sources are newer, runs them, reads their answer.

One `Workload` says what is to be done, one `Outcome` what came of it, whatever the server and its protocol.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from bench import places


class BenchError(Exception):
    """Something outside did not do its part; the message says what, and the benchmark goes on without it."""


class Mode(StrEnum):
    """What a generator does; `bench/load/options.h` says it in full."""

    PRODUCE = "produce"
    PIPELINED = "pipelined"
    SYNC = "sync"
    CONSUME = "consume"
    FIRST = "first"
    TRANSACT = "transact"
    PIPELINE = "pipeline"


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """One run of a generator. Without a bound in messages or seconds only the mode `first` makes sense."""

    mode: Mode
    topic: str
    size: int = 100
    partitions: int = 1
    connections: int = 1
    acks: str = "all"
    messages: int = 0
    seconds: float = 0.0
    since: float = 0.0
    overrides: tuple[str, ...] = ()

    def arguments(self, address: str) -> list[str]:
        """The command line after the program's name."""
        words = [str(self.mode), "--broker", address, "--topic", self.topic, "--size", str(self.size)]
        words += ["--partitions", str(self.partitions), "--connections", str(self.connections), "--acks", self.acks]
        words += ["--messages", str(self.messages), "--seconds", str(self.seconds), "--since", f"{self.since:.6f}"]
        for override in self.overrides:
            words += ["-X", override]
        return words


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a generator printed. Latencies are 0 in modes that measure none."""

    messages: int
    failed: int
    seconds: float
    messages_per_s: float
    mb_per_s: float
    client_cpu_s: float = 0.0
    p50_us: float = 0.0
    p99_us: float = 0.0
    p999_us: float = 0.0
    max_us: float = 0.0


@dataclass(frozen=True, slots=True)
class Generator:
    """A program made of C files, with the libraries and the Debian packages it needs."""

    name: str
    sources: tuple[str, ...]
    libraries: tuple[str, ...] = ()
    packages: str = ""

    @property
    def binary(self) -> Path:
        """Where the built program lies."""
        return places.BINARIES / self.name

    def missing(self) -> str | None:
        """Builds the program if need be; the reason when that does not work, None when it is there."""
        if not shutil.which("gcc"):
            return "gcc is not installed"
        try:
            self._build()
        except BenchError as error:
            return str(error)
        return None

    def _build(self) -> None:
        newest = max(path.stat().st_mtime for path in places.LOAD_SOURCES.iterdir())
        if self.binary.exists() and self.binary.stat().st_mtime >= newest:
            return
        self.binary.parent.mkdir(parents=True, exist_ok=True)
        command = ["gcc", "-D_GNU_SOURCE", "-std=gnu11", "-O2", "-Wall", "-Wextra", "-o", str(self.binary)]
        command += [str(places.LOAD_SOURCES / source) for source in self.sources]
        command += [f"-l{library}" for library in (*self.libraries, "pthread")]
        built = subprocess.run(command, capture_output=True, text=True, check=False)
        if built.returncode:
            needed = f" (Debian: {self.packages})" if self.packages else ""
            raise BenchError(f"{self.name} does not build{needed}: {built.stderr.strip().splitlines()[0]}")

    def run(self, address: str, workload: Workload) -> Outcome:
        """Runs it to its end. Raises BenchError when it fails, takes far too long, or lost a message."""
        command = [str(self.binary), *workload.arguments(address)]
        return read_outcome(command, timeout_s=120 + 3 * workload.seconds)


def read_outcome(command: list[str], *, timeout_s: float, environment: dict[str, str] | None = None) -> Outcome:
    """Runs a load client that prints one JSON line."""
    try:
        ended = subprocess.run(
            command, capture_output=True, text=True, timeout=timeout_s, check=False, env=environment, cwd=places.ROOT
        )
    except subprocess.TimeoutExpired as error:
        raise BenchError(f"no answer in {timeout_s:.0f} s: {' '.join(command)}") from error
    if ended.returncode:
        said = ended.stderr.strip().splitlines() or [f"exit status {ended.returncode}"]
        raise BenchError(said[-1])
    return Outcome(**json.loads(ended.stdout.splitlines()[-1]))


_SHARED = ("options.c", "measure.c", "clients.c", "tcp.c")
_KAFKA = ("kafka.c", "kafka_client.c", "kafka_produce.c", "kafka_sync.c", "kafka_consume.c", "kafka_first.c")
_TRANSACTIONS = ("kafka_transact.c", "kafka_pipeline.c")

KAFKA = Generator("kafka_load", (*_SHARED, *_KAFKA, *_TRANSACTIONS), ("rdkafka",), "librdkafka-dev")
REDIS = Generator("redis_load", (*_SHARED, "redis.c"), ("hiredis",), "libhiredis-dev")
RABBIT = Generator("rabbit_load", (*_SHARED, "rabbit.c", "rabbit_stream.c"))

GROUPS = Generator(
    "groups_load",
    (
        "groups.c",
        "group_crowd.c",
        "group_member.c",
        "group_classic.c",
        "group_consumer.c",
        "kafka_wire.c",
        "measure.c",
        "tcp.c",
    ),
)
"""Driven by `bench.crowd`, not by a `Workload`."""
