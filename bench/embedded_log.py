"""The log as a library: appends and reads a second, and what the index is worth: `python -m bench.embedded_log`.

Prints one JSON object for each line of work on stdout and the same in words on stderr. `--size` is the log that the
random reads go to (1 GB); `--directory` says which disk it is measured on.

A read at a random offset through the index stands against a scan: the same log, the same offsets, found by walking over
the headers of the batches from the beginning (which is already far cheaper than reading the records).
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

from cordwood.log.config import FlushPolicy, LogConfig
from cordwood.log.log import Log
from cordwood.records.builder import build_batch
from cordwood.records.record import Record

VALUE: Final = bytes(range(100))
SECONDS: Final = 1.5
SIZES: Final = (1_000_000, 10_000_000, 100_000_000, 1_000_000_000)
RANDOM_READS: Final = 2000
SCANS: Final = 12


def say(work: str, policy: str, **figures: float) -> None:
    """One line of work: JSON for programs, words for people."""
    print(json.dumps({"work": work, "policy": policy, **figures}), flush=True)
    words = "  ".join(f"{name} {figure:,.1f}" for name, figure in figures.items())
    print(f"{work:42} {policy:8} {words}", file=sys.stderr, flush=True)


@contextmanager
def fresh_log(directory: str, policy: FlushPolicy, segment_bytes: int = 1 << 30) -> Iterator[Log]:
    """An empty log, which goes away afterwards."""
    folder = tempfile.mkdtemp(prefix="embedded-", dir=directory)
    log = Log.open(f"{folder}/log", LogConfig(flush_policy=policy, segment_bytes=segment_bytes))
    try:
        yield log
    finally:
        log.close()
        shutil.rmtree(folder)


def calls_a_second(call: Callable[[], object], group: int) -> float:
    """The median over five rounds of how often the call can be made in a second, looking at the clock once a group."""
    rates = []
    for _ in range(5):
        count, began = 0, time.perf_counter()
        while (passed := time.perf_counter() - began) < SECONDS / 5:
            for _ in range(group):
                call()
            count += group
        rates.append(count / passed)
    return sorted(rates)[2]


# How many calls are made between two looks at the clock.
SINGLES: Final[tuple[tuple[FlushPolicy, int], ...]] = (("os", 200), ("interval", 200), ("commit", 5))
THOUSANDS: Final[tuple[tuple[FlushPolicy, int], ...]] = (("os", 2), ("commit", 2))


def appends(directory: str) -> None:
    """Single records, batches of a thousand, and batches as a broker gets them."""
    for policy, group in SINGLES:
        with fresh_log(directory, policy) as log:
            rate = calls_a_second(partial(log.append, VALUE), group)
            say("append of one record, 100 B", policy, records_per_s=rate, mb_per_s=rate * 1e-4, us=1e6 / rate)
    for policy, group in THOUSANDS:
        with fresh_log(directory, policy) as log:
            rate = calls_a_second(partial(log.append_many, [VALUE] * 1000), group)
            say("append_many of 1000 records, 100 B", policy, records_per_s=rate * 1000, mb_per_s=rate * 0.1)
    with fresh_log(directory, "os") as log:
        data = build_batch([Record(0, 1, None, VALUE)])
        rate = sorted(_batches_a_second(log, data) for _ in range(5))[2]
        say("append_batch of one record, 100 B", "os", records_per_s=rate, us=1e6 / rate)


def _batches_a_second(log: Log, data: bytes) -> float:
    views = [memoryview(bytearray(data)) for _ in range(20_000)]
    began = time.perf_counter()
    for view in views:
        log.append_batch(view, 0)
    return len(views) / (time.perf_counter() - began)


def _seconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def group_commit(directory: str) -> None:
    """Threads that each append and wait: one sync serves all of them."""
    for threads in (1, 4, 16):
        with fresh_log(directory, "commit") as log:
            workers = [threading.Thread(target=_append_for, args=(log, SECONDS)) for _ in range(threads)]
            took = _seconds(partial(_start_and_join, workers))
            say(f"append of one record, {threads} threads", "commit", records_per_s=log.end_offset / took)


def _append_for(log: Log, seconds: float) -> None:
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        log.append(VALUE)


def _start_and_join(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def reads(log: Log) -> None:
    """All records from the first to the last, and ranges at the tail as a broker asks for them."""
    count = min(log.end_offset, 1_000_000)
    reading = log.read()
    took = _seconds(lambda: [next(reading) for _ in range(count)])
    say("read of records one after the other", "os", records_per_s=count / took, mb_per_s=count / took * 1e-4)
    end = log.end_offset
    rate = calls_a_second(lambda: log.read_range(end - 1, 1 << 20, end_offset=end), 1000)
    say("read_range at the tail", "os", calls_per_s=rate, us=1e6 / rate)


def random_reads(directory: str, size: int) -> None:
    """One record at random offsets, by the index and by a scan, as the log grows."""
    batch = [VALUE] * 10
    with fresh_log(directory, "os", segment_bytes=2 * size) as log:
        for wanted in [step for step in SIZES if step < size] + [size]:
            while log.size_bytes < wanted:
                log.append_many(batch)
            _compare(log, wanted)
        log.checkpoint()
        store, index = (_bytes_of(log, suffix) for suffix in (".log", ".idx"))
        say(
            "offset index beside its store",
            "os",
            index_mb=index / 1e6,
            store_mb=store / 1e6,
            percent=100 * index / store,
        )
        reads(log)


def _compare(log: Log, size: int) -> None:
    chance = random.Random(size)
    offsets = [chance.randrange(log.end_offset) for _ in range(RANDOM_READS)]
    by_index = _seconds(lambda: [next(log.read(offset)) for offset in offsets]) / RANDOM_READS
    store, end = log.segments[0].store, log.size_bytes
    scanned = offsets[:SCANS]
    by_scan = _seconds(lambda: [store.locate(offset, 0, end) for offset in scanned]) / len(scanned)
    say(
        f"read at a random offset of {size / 1e6:,.0f} MB",
        "os",
        records_per_s=1 / by_index,
        index_us=by_index * 1e6,
        scan_us=by_scan * 1e6,
        times=by_scan / by_index,
    )


def _bytes_of(log: Log, suffix: str) -> int:
    return sum(path.stat().st_size for path in Path(log.path).iterdir() if path.suffix == suffix)


def main() -> None:
    """Measures what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="accepted for callers: JSON always goes to stdout")
    parser.add_argument("--size", type=int, default=1_000_000_000, help="bytes of the log for random reads")
    parser.add_argument("--directory", default=tempfile.gettempdir(), help="where the logs are written")
    arguments = parser.parse_args()
    appends(arguments.directory)
    group_commit(arguments.directory)
    random_reads(arguments.directory, arguments.size)


if __name__ == "__main__":
    main()
