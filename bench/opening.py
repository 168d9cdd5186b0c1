"""How long a start takes with much on the disk: many partitions, or one large log, after a clean stop and after a kill.

    .venv/bin/python -m bench.opening [--partitions 1000] [--gigabytes 20] [--runs 5] [--directory DIR]

The broker runs in a process of its own with its defaults (`flush.policy=commit`); the time is from exec to the ready file,
the median of `--runs` starts, `first_ms` with no partition at all. After a kill each partition has a record that no
checkpoint knows of. The large log is opened by the library in a new process (`flush_policy="interval"`); its writer is
killed 300 MB behind the end of the clean one. The page cache stays as the run before left it. JSON on stdout, words on
stderr.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from bench import machine
from bench.subjects.cordwood import Cordwood

VALUE: Final = bytes(1000)
DEADLINE_SECONDS: Final = 600.0


def say(words: str) -> None:
    """For people."""
    print(words, file=sys.stderr, flush=True)


class Broker:
    """One broker process on a data directory, timed until it is ready."""

    def __init__(self, data: Path) -> None:
        ready = data.parent / "ready"
        ready.unlink(missing_ok=True)
        command = [sys.executable, "-m", "cordwood", "serve", "--data", str(data), "--listen", "127.0.0.1:0"]
        begin = time.perf_counter()
        self.process = subprocess.Popen([*command, "--ready-file", str(ready)], stderr=subprocess.DEVNULL)
        while not ready.exists():
            if time.perf_counter() - begin > DEADLINE_SECONDS or self.process.poll() is not None:
                raise SystemExit("the broker did not start")
            time.sleep(0.002)
        self.ready_ms = (time.perf_counter() - begin) * 1000
        self.address = ready.read_text().strip()

    def end(self, number: signal.Signals) -> None:
        """Ends it by a signal."""
        self.process.send_signal(number)
        self.process.wait()


def many_partitions(directory: Path, count: int, runs: int) -> dict[str, float]:
    """Start times of a broker with so many partitions, each with a few records."""
    data = directory / "partitions"
    broker = Broker(data)
    first_ms = broker.ready_ms
    admin = AdminClient({"bootstrap.servers": broker.address, "log_level": 0})
    begin = time.perf_counter()
    for future in admin.create_topics([NewTopic("many", num_partitions=count, replication_factor=1)]).values():
        future.result()
    created_ms = (time.perf_counter() - begin) * 1000
    starts: dict[signal.Signals, list[float]] = {signal.SIGTERM: [], signal.SIGKILL: []}
    for _ in range(runs):
        for ending, taken_ms in starts.items():
            _write_to_all(broker.address, count)
            broker.end(ending)
            broker = Broker(data)
            taken_ms.append(broker.ready_ms)
    broker.end(signal.SIGTERM)
    clean_ms, killed_ms = map(statistics.median, starts.values())
    return {
        "partitions": count,
        "first_ms": first_ms,
        "create_ms": created_ms,
        "clean_ms": clean_ms,
        "killed_ms": killed_ms,
    }


def _write_to_all(address: str, count: int) -> None:
    producer = Producer({"bootstrap.servers": address, "linger.ms": 100, "log_level": 0})
    for partition in range(count):
        producer.produce("many", VALUE, partition=partition)
    if producer.flush(60):
        raise SystemExit("not everything was acknowledged")


FILL: Final = """
import os, signal, sys
from cordwood import Log, LogConfig
log = Log.open(sys.argv[1], LogConfig(flush_policy="interval"))
target = int(sys.argv[2])
values = [bytes(1000)] * 1000
while log.size_bytes < target:
    log.append_many(values)
if sys.argv[3] == "close":
    log.close()
os.kill(os.getpid(), signal.SIGKILL)
"""

OPEN: Final = """
import sys, time
from cordwood import Log, LogConfig
begin = time.perf_counter()
log = Log.open(sys.argv[1], LogConfig(flush_policy="interval"))
opened = time.perf_counter()
first = next(log.read(log.end_offset // 2))
print((opened - begin) * 1000, (time.perf_counter() - opened) * 1000, log.segment_count, log.size_bytes)
log.close()
"""


def large_log(directory: Path, gigabytes: float) -> dict[str, float]:
    """Opening one large log, after it was closed and after its writer was killed."""
    path = str(directory / "large")
    size = int(gigabytes * 1e9)
    found: dict[str, float] = {}
    for name, ending, target in (("clean", "close", size), ("killed", "kill", size + 300_000_000)):
        say(f"writing {target / 1e9:.1f} GB, then {ending}")
        subprocess.run([sys.executable, "-c", FILL, path, str(target), ending], check=False)
        done = subprocess.run([sys.executable, "-c", OPEN, path], check=True, capture_output=True, text=True)
        opened, read, segments, bytes_ = map(float, done.stdout.split())
        found |= {f"{name}_open_ms": opened, f"{name}_first_read_ms": read, "segments": segments, "bytes": bytes_}
    return found


def main() -> None:
    """Measures both and prints them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--partitions", type=int, default=1000)
    parser.add_argument("--gigabytes", type=float, default=20.0)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--directory", default=None)
    chosen = parser.parse_args()
    directory = Path(tempfile.mkdtemp(prefix="cordwood-opening-", dir=chosen.directory))
    facts = machine.describe(directory, [Cordwood])
    try:
        results = {"partitions": many_partitions(directory, chosen.partitions, chosen.runs)}
        say(str(results))
        results["log"] = large_log(directory, chosen.gigabytes)
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    facts["load after"] = f"{os.getloadavg()[0]:.2f}"
    figures = {name: {key: round(value, 1) for key, value in row.items()} for name, row in results.items()}
    print(json.dumps({"machine": facts, **figures}))


if __name__ == "__main__":
    main()
