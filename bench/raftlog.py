"""The raft log: appends a second with and without fdatasync, against the fdatasync calls that the disk itself gives.

    .venv/bin/python -m bench.raftlog [--records 1000000] [--directory DIR] > raftlog.json

Each writer appends one entry of 100 bytes and waits until it is durable (or, without fdatasync, in the page cache), over
and over: as tasks of one event loop that await (`aio.Flushes`), and as threads that block (`RaftLog.sync`). Before and after
each figure the disk is probed: appends of 4 KiB with an fdatasync each, by one thread; `times` is how many times as many
appends a second were durable. Then the calls without a flush, and opening a log of many records. JSON on stdout, words on
stderr.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any, Final, TypeAlias

from bench.machine import describe
from bench.probe import fdatasyncs_per_s
from cordwood.raftlog.aio import Flushes
from cordwood.raftlog.codecs import PLAIN
from cordwood.raftlog.config import RaftLogConfig
from cordwood.raftlog.raft_log import RaftLog

PAYLOAD: Final = bytes(100)
WRITERS: Final = (1, 2, 4, 8, 16, 32, 64)
ROUNDS: Final = 5
SECONDS: Final = 0.15
GROUPS: Final = (1, 10, 100, 1000)
GROUP_APPENDS: Final = 100_000

Log: TypeAlias = RaftLog[tuple[int, int], tuple[int, int], bytes, bytes]


def say(words: str) -> None:
    """For people."""
    print(words, file=sys.stderr, flush=True)


@contextmanager
def fresh_log(directory: str) -> Iterator[Log]:
    """An empty log, which goes away afterwards."""
    folder = tempfile.mkdtemp(prefix="cordwood-raftlog-", dir=directory)
    log = RaftLog.open(f"{folder}/log", PLAIN)
    try:
        yield log
    finally:
        log.close()
        shutil.rmtree(folder)


class Ids:
    """Log ids one after the other."""

    def __init__(self) -> None:
        self.count = 0

    def append(self, log: Log) -> None:
        """Appends the next entry; one thread at a time."""
        log.append([((1, self.count), PAYLOAD)])
        self.count += 1


def by_tasks(log: Log, ids: Ids, writers: int, *, sync: bool) -> None:
    """So many tasks of one event loop append and await for a while."""

    async def write(flushes: Flushes, end: float) -> None:
        while time.perf_counter() < end:
            ids.append(log)
            await flushes.flush(sync=sync)

    async def run() -> None:
        flushes, end = Flushes(log), time.perf_counter() + SECONDS
        await asyncio.gather(*(write(flushes, end) for _ in range(writers)))

    asyncio.run(run())


def by_threads(log: Log, ids: Ids, writers: int) -> None:
    """So many threads append and block for a while."""
    order = threading.Lock()

    def write(end: float) -> None:
        while time.perf_counter() < end:
            with order:
                ids.append(log)
            log.sync()

    end = time.perf_counter() + SECONDS
    threads = [threading.Thread(target=write, args=(end,)) for _ in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def rates(work: Callable[[Log, Ids], None], log: Log, ids: Ids) -> tuple[float, float]:
    """Appends and syncs a second."""
    count, syncs, began = ids.count, log.stat().syncs, time.perf_counter()
    work(log, ids)
    took = time.perf_counter() - began
    return (ids.count - count) / took, (log.stat().syncs - syncs) / took


def by_writers(directory: str, writers: int) -> dict[str, float]:
    """All that is measured with so many writers: the median of some rounds, each figure with a probe before and after."""
    works: dict[str, Callable[[Log, Ids], None]] = {
        "tasks": lambda log, ids: by_tasks(log, ids, writers, sync=True),
        "threads": lambda log, ids: by_threads(log, ids, writers),
        "written": lambda log, ids: by_tasks(log, ids, writers, sync=False),
    }
    figures: dict[str, list[float]] = {}
    with fresh_log(directory) as log:
        ids = Ids()
        for _ in range(ROUNDS):
            before = fdatasyncs_per_s(Path(directory), SECONDS)
            for name, work in works.items():
                appends, syncs = rates(work, log, ids)
                after = fdatasyncs_per_s(Path(directory), SECONDS)
                probe = (before + after) / 2
                before = after
                found = {name: appends, f"{name}_syncs": syncs, f"{name}_times": appends / probe, "probe": probe}
                for key, figure in found.items():
                    figures.setdefault(key, []).append(figure)
    row = {"writers": float(writers)} | {name: median(found) for name, found in figures.items()}
    say("  ".join(f"{name} {figure:,.1f}" for name, figure in row.items()))
    return row


def call_us(directory: str, group: int) -> float:
    """Microseconds of this thread for each entry, in appends of so many that nobody waits for: the median of five."""
    figures = []
    for _ in range(5):
        with fresh_log(directory) as log:
            entries = [((1, index), PAYLOAD) for index in range(GROUP_APPENDS // 5)]
            began = time.thread_time()
            for start in range(0, len(entries), group):
                log.append(entries[start : start + group])
            figures.append((time.thread_time() - began) / len(entries) * 1e6)
    return sorted(figures)[2]


def opening(directory: str, records: int) -> dict[str, float]:
    """Seconds until a log of so many records is open, its files in the page cache; and one read from a chunk."""
    folder = tempfile.mkdtemp(prefix="cordwood-raftlog-", dir=directory)
    config = RaftLogConfig(chunk_max_bytes=64 << 20)
    try:
        log = RaftLog.open(folder, PLAIN, config)
        for start in range(0, records, 1000):
            log.append([((1, index), PAYLOAD) for index in range(start, min(start + 1000, records))])
        log.close()
        gc.collect()
        began, spent = time.perf_counter(), time.thread_time()
        log = RaftLog.open(folder, PLAIN, config)
        figures = {"records": records, "seconds": time.perf_counter() - began, "cpu_s": time.thread_time() - spent}
        chunk = log.stat().open_chunk
        figures |= {"chunks": len(log.stat().closed_chunks) + 1, "bytes": log.on_disk_size(), "cached": chunk.records}
        began = time.perf_counter()
        assert list(log.read(7, 8)) == [((1, 7), PAYLOAD)]
        figures["read_us"] = (time.perf_counter() - began) * 1e6
        log.close()
        return figures
    finally:
        shutil.rmtree(folder)


def main() -> None:
    """Measures all of it and prints it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=1_000_000, help="of the log that is opened")
    parser.add_argument("--directory", default=tempfile.gettempdir(), help="which disk it is measured on")
    chosen = parser.parse_args()
    results: dict[str, Any] = {"machine": describe(Path(chosen.directory), [])}
    results["raftlog"] = [by_writers(chosen.directory, writers) for writers in WRITERS]
    results["calls"] = {str(group): call_us(chosen.directory, group) for group in GROUPS}
    say(f"µs for each entry, by entries a call: {results['calls']}")
    results["opening"] = opening(chosen.directory, chosen.records)
    say(f"opening: {results['opening']}")
    print(json.dumps(results))


if __name__ == "__main__":
    main()
