"""Compaction: megabytes a second, and how long it keeps others from the interpreter: `python -m bench.compaction`.

Prints one JSON object for each line of work on stdout and the same in words on stderr, the machine first. `--only` chooses:

    topic   a compacted topic in a real broker while librdkafka writes to it, and whether exactly the right records stay:
            ten million updates of a hundred thousand keys (compacted_topic.py)
    logs    one log in this process, for each codec and shape of record
    maps    the offset map, and others that were not taken

`--quick` makes all of it small.

Of `logs`: a log of `--records` updates of
`--keys` keys is written in batches as librdkafka sends them and then compacted, for each codec and shape of record:

    uniform   keys and values of one length: read by columns
    ragged    keys and values of many lengths: read one by one

`mb_per_s` counts the bytes of the log before, once, though they are read twice; `cpu_mb_per_s` does so by the thread's
own time, which neighbours cannot take away. `stall_ms` is the longest that a thread which wakes every millisecond came too
late while the log was compacted, `stall_p99_ms` all but the worst hundredth. `other_ms` and `other_p99_ms` are the same for
another process at the same time, which does not share the interpreter: what it sees is the machine. Each figure is the
best of `--runs`, since neighbours only ever make one worse. The line `breathless` is the first one again without the
breaths of pace.py.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import multiprocessing
import random
import shutil
import sys
import tempfile
import threading
import time
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Final, Self

from bench import compacted_topic, machine
from bench.subjects.cordwood import Cordwood
from cordwood.log.compaction import pace
from cordwood.log.compaction.compactor import Compactor
from cordwood.log.compaction.config import CleanerConfig
from cordwood.log.compaction.offset_map import ENTRY_SIZE_BYTES, OffsetMap
from cordwood.log.compaction.tools import Tools
from cordwood.log.config import LogConfig
from cordwood.log.log import Log
from cordwood.records.batch import Codec
from cordwood.records.record import Record

BATCH_RECORDS: Final = 1000
SEGMENT_BYTES: Final = 16 << 20
BUFFER_BYTES: Final = CleanerConfig().dedupe_buffer_bytes
TICK_S: Final = 0.001
NOW_MS: Final = 1_700_000_000_000
LIMIT_ENTRIES: Final = 1_000_000


def say(work: str, **figures: float) -> None:
    """One line of work: JSON for programs, words for people."""
    print(json.dumps({"work": work, **figures}), flush=True)
    words = "  ".join(f"{name} {figure:,.1f}" for name, figure in figures.items())
    print(f"{work:24} {words}", file=sys.stderr, flush=True)


def tick(is_over: Callable[[], bool]) -> list[float]:
    """Wakes every millisecond, and notes how late it was, in milliseconds."""
    late = []
    wanted = time.perf_counter() + TICK_S
    while not is_over():
        time.sleep(max(0.0, wanted - time.perf_counter()))
        now = time.perf_counter()
        late.append((now - wanted) * 1000)
        wanted = now + TICK_S
    return sorted(late)


def tick_elsewhere(over: Event, result: Connection) -> None:
    """The same in a process of its own."""
    result.send(tick(over.is_set))


class Tickers:
    """A thread of this process and one of another, while the context lasts."""

    def __enter__(self) -> Self:
        self._over = threading.Event()
        self._other_over = multiprocessing.Event()
        self._result, other_end = multiprocessing.Pipe(duplex=False)
        self._other = multiprocessing.Process(target=tick_elsewhere, args=(self._other_over, other_end))
        self._other.start()
        self.late: list[float] = []
        self._thread = threading.Thread(target=lambda: self.late.extend(tick(self._over.is_set)))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self._other_over.set()
        self.other_late: list[float] = self._result.recv()
        self._other.join()

    def figures(self) -> dict[str, float]:
        """The largest, and all but the worst hundredth, of both."""
        return {
            "stall_ms": self.late[-1],
            "stall_p99_ms": self.late[int(len(self.late) * 0.99)],
            "other_ms": self.other_late[-1],
            "other_p99_ms": self.other_late[int(len(self.other_late) * 0.99)],
        }


def updates(shape: str, keys: int, dice: random.Random) -> Iterator[Record]:
    """Records without end."""
    filling = dice.randbytes(1 << 19).hex().encode()
    while True:
        key, start = dice.randrange(keys), dice.randrange(1 << 19)
        if shape == "uniform":
            yield Record(0, NOW_MS, b"key-%012d" % key, filling[start : start + 100])
        else:
            yield Record(0, NOW_MS, b"key-%d" % key, filling[start : start + 30 + start % 140])


@contextmanager
def written_log(directory: str, shape: str, codec: Codec, count: int, keys: int) -> Iterator[Log]:
    """A log of so many updates, all but the last batch in closed segments."""
    folder = tempfile.mkdtemp(prefix="compaction-", dir=directory)
    log = Log.open(f"{folder}/log", LogConfig(flush_policy="os", segment_bytes=SEGMENT_BYTES))
    source = updates(shape, keys, random.Random(7))
    try:
        for _ in range(0, count, BATCH_RECORDS):
            log.append_records([next(source) for _ in range(BATCH_RECORDS)], codec=codec)
        log.checkpoint()
        yield log
    finally:
        log.close()
        shutil.rmtree(folder)


def compact(options: argparse.Namespace, shape: str, codec: Codec) -> dict[str, float]:
    """One log is compacted while others tick."""
    config = CleanerConfig(dedupe_buffer_bytes=options.buffer)
    with written_log(options.directory, shape, codec, options.records, options.keys) as log:
        compactor = Compactor(log, Tools(config))
        with Tickers() as tickers:
            began, cpu_began = time.perf_counter(), time.thread_time()
            result = compactor.compact(NOW_MS)
            seconds, cpu_seconds = time.perf_counter() - began, time.thread_time() - cpu_began
        mb = result.bytes_before / 1e6
        return {
            "mb": mb,
            "mb_after": compactor.measure(NOW_MS).clean_bytes / 1e6,
            "mb_per_s": mb / seconds,
            "cpu_mb_per_s": mb / cpu_seconds,
            "records_per_s": result.records / seconds,
            "rounds": result.rounds,
            **tickers.figures(),
        }


def best(options: argparse.Namespace, work: str, shape: str, codec: Codec) -> None:
    """The best figure of several runs, each for itself: neighbours only ever make one worse."""
    runs = [compact(options, shape, codec) for _ in range(options.runs)]
    better = {name: max if name.endswith("_per_s") else min for name in runs[0]}
    say(work, **{name: better[name](run[name] for run in runs) for name in runs[0]})


def logs(options: argparse.Namespace) -> None:
    """Each shape and codec."""
    for shape in ("uniform", "ragged"):
        for codec in Codec:
            best(options, f"{shape} {codec.name.lower()}", shape, codec)
    stretch = pace.STRETCH_S
    pace.STRETCH_S = float("inf")  # type: ignore[misc]
    try:
        best(options, "uniform none breathless", "uniform", Codec.NONE)
    finally:
        pace.STRETCH_S = stretch  # type: ignore[misc]


# The maps that might have been.


class DigestTable:
    """What Kafka has: MD5 digests and offsets in 24 bytes a place, open addressing."""

    def __init__(self, limit_entries: int) -> None:
        self._places = int(limit_entries / 0.9) | 1
        self._table = bytearray(24 * self._places)

    def put(self, keys: Sequence[bytes], offsets: Sequence[int]) -> None:
        """Notes them."""
        table, places, empty = self._table, self._places, bytes(16)
        for key, offset in zip(keys, offsets, strict=True):
            digest = hashlib.md5(key).digest()
            place = int.from_bytes(digest[:8], "little") % places
            while (held := table[24 * place : 24 * place + 16]) != empty and held != digest:
                place = (place + 1) % places
            table[24 * place : 24 * place + 24] = digest + offset.to_bytes(8, "little")


class HashTable:
    """Python's own 64-bit hash and the offset in two arrays, open addressing."""

    def __init__(self, limit_entries: int) -> None:
        self._places = int(limit_entries / 0.9) | 1
        self._hashes = array("Q", bytes(8 * self._places))
        self._offsets = array("Q", bytes(8 * self._places))

    def put(self, keys: Sequence[bytes], offsets: Sequence[int]) -> None:
        """Notes them."""
        hashes, noted, places = self._hashes, self._offsets, self._places
        for key, offset in zip(keys, offsets, strict=True):
            wanted = hash(key) & 0xFFFF_FFFF_FFFF_FFFF or 1
            place = wanted % places
            while (held := hashes[place]) and held != wanted:
                place = (place + 1) % places
            hashes[place] = wanted
            noted[place] = offset


def puts_ns(put: Callable[[Sequence[bytes], Sequence[int]], object], count: int) -> tuple[float, float]:
    """Nanoseconds a key, and the longest call of a thousand in milliseconds."""
    total = worst = 0.0
    for start in range(0, count, BATCH_RECORDS):
        offsets = range(1 << 40 | start, 1 << 40 | start + BATCH_RECORDS)
        keys = [b"key-%012d" % (offset * 2_654_435_761 % 1_000_000_007) for offset in offsets]
        began = time.perf_counter()
        put(keys, offsets)
        passed = time.perf_counter() - began
        total += passed
        worst = max(worst, passed)
    return total / count * 1e9, worst * 1e3


def maps(count: int) -> None:
    """One million new keys each."""
    tables: tuple[tuple[str, Callable[[Sequence[bytes], Sequence[int]], object], int], ...] = (
        ("the offset map", OffsetMap(count).put, ENTRY_SIZE_BYTES),
        ("digests in a bytearray", DigestTable(count).put, 27),
        ("hashes in arrays", HashTable(count).put, 18),
    )
    for name, put, size in tables:
        nanoseconds, worst_ms = puts_ns(put, count)
        say(f"map: {name}", ns_per_key=nanoseconds, worst_ms=worst_ms, bytes_per_key=size)


def main() -> None:
    """Everything, or what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench.compaction", description=__doc__.partition("\n")[0])
    parser.add_argument("--updates", type=int, default=10_000_000, help="what is sent to the topic")
    parser.add_argument("--codecs", default="none,lz4", help="what librdkafka compresses with, one run each")
    parser.add_argument("--policy", default="commit", help="the broker's flush.policy")
    parser.add_argument("--realtime", action="store_true", help="broker and probe go before all else on the machine")
    parser.add_argument("--records", type=int, default=600_000, help="what is written to each log")
    parser.add_argument("--runs", type=int, default=3, help="of each log, the best figure counts")
    parser.add_argument("--keys", type=int, default=100_000)
    parser.add_argument("--buffer", type=int, default=BUFFER_BYTES, help="memory of the offset map")
    parser.add_argument("--directory", default=tempfile.gettempdir())
    parser.add_argument("--only", choices=("topic", "logs", "maps"))
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    if options.quick:
        options.updates, options.records, options.runs = 500_000, 100_000, 1
    facts = machine.describe(Path(options.directory), [Cordwood])
    print(json.dumps({"machine": facts, "flush policy": options.policy}), flush=True)
    if options.only in (None, "topic"):
        for codec in options.codecs.split(","):
            words = "" if options.buffer == BUFFER_BYTES else f", map of {options.buffer >> 20} MiB"
            say(f"topic {codec}{words}", **compacted_topic.run(options, codec))
    if options.only in (None, "logs"):
        logs(options)
    if options.only in (None, "maps"):
        maps(LIMIT_ENTRIES if not options.quick else LIMIT_ENTRIES // 10)


if __name__ == "__main__":
    main()
