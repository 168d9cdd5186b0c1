"""Compaction: megabytes a second, and how long it keeps others from the interpreter: `python -m bench.compaction`.

Prints one JSON object for each line of work on stdout and the same in words on stderr. A log of `--records` updates of
`--keys` keys is written in batches as librdkafka sends them and then compacted, for each codec and shape of record:

    uniform   keys and values of one length: read by columns
    ragged    keys and values of many lengths: read one by one

`mb_per_s` counts the bytes of the log before, once, though they are read twice. `stall_ms` is the longest that a thread
which wakes every millisecond came too late while the log was compacted, `stall_p99_ms` all but the worst hundredth;
`idle_stall_ms` is the same for as long a time without compaction, and belongs to the machine and its neighbours.
`breathless_stall_ms` is the worst without the breaths of pace.py.

`maps` compares the offset map with others that were not taken.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import shutil
import sys
import tempfile
import threading
import time
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final, Self

from cordwood.log.compaction import pace
from cordwood.log.compaction.compactor import CompactionResult, Compactor
from cordwood.log.compaction.config import CleanerConfig
from cordwood.log.compaction.offset_map import ENTRY_SIZE_BYTES, OffsetMap
from cordwood.log.compaction.tools import Tools
from cordwood.log.config import LogConfig
from cordwood.log.log import Log
from cordwood.records.batch import Codec
from cordwood.records.record import Record

BATCH_RECORDS: Final = 1000
SEGMENT_BYTES: Final = 16 << 20
TICK_S: Final = 0.001
NOW_MS: Final = 1_700_000_000_000
LIMIT_ENTRIES: Final = 1_000_000


def say(work: str, **figures: float) -> None:
    """One line of work: JSON for programs, words for people."""
    print(json.dumps({"work": work, **figures}), flush=True)
    words = "  ".join(f"{name} {figure:,.1f}" for name, figure in figures.items())
    print(f"{work:24} {words}", file=sys.stderr, flush=True)


class Ticker:
    """A thread that wakes every millisecond and notes how late it was."""

    def __init__(self) -> None:
        self.late_s: list[float] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._tick, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _tick(self) -> None:
        wanted = time.perf_counter() + TICK_S
        while not self._stop.is_set():
            time.sleep(max(0.0, wanted - time.perf_counter()))
            now = time.perf_counter()
            self.late_s.append(now - wanted)
            wanted = now + TICK_S

    @property
    def worst_ms(self) -> float:
        """The largest lateness."""
        return max(self.late_s) * 1000

    @property
    def p99_ms(self) -> float:
        """All but the worst hundredth were below."""
        return sorted(self.late_s)[int(len(self.late_s) * 0.99)] * 1000


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


def compacted(log: Log, config: CleanerConfig) -> tuple[CompactionResult, float, Ticker]:
    """Compacts while somebody ticks."""
    compactor = Compactor(log, Tools(config))
    with Ticker() as ticker:
        began = time.perf_counter()
        result = compactor.compact(NOW_MS)
        seconds = time.perf_counter() - began
    return result, seconds, ticker


def idle_ms(seconds: float) -> float:
    """How late somebody is on this machine without us."""
    with Ticker() as ticker:
        time.sleep(seconds)
    return ticker.worst_ms


def compaction(options: argparse.Namespace) -> None:
    """Each shape and codec."""
    config = CleanerConfig(dedupe_buffer_bytes=options.buffer)
    for shape in ("uniform", "ragged"):
        for codec in Codec:
            with written_log(options.directory, shape, codec, options.records, options.keys) as log:
                before = sum(segment.size_bytes for segment in log.segments[:-1])
                result, seconds, ticker = compacted(log, config)
                say(
                    f"{shape} {codec.name.lower()}",
                    mb=before / 1e6,
                    mb_after=sum(segment.size_bytes for segment in log.segments[:-1]) / 1e6,
                    mb_per_s=before / 1e6 / seconds,
                    records_per_s=result.records / seconds,
                    rounds=result.rounds,
                    stall_ms=ticker.worst_ms,
                    stall_p99_ms=ticker.p99_ms,
                    idle_stall_ms=idle_ms(seconds),
                    breathless_stall_ms=breathless_ms(options, shape, codec, config),
                )


def breathless_ms(options: argparse.Namespace, shape: str, codec: Codec, config: CleanerConfig) -> float:
    """The worst lateness of the same work when it never lets go by itself."""
    stretch = pace.STRETCH_S
    pace.STRETCH_S = float("inf")  # type: ignore[misc]
    try:
        with written_log(options.directory, shape, codec, options.records // 4, options.keys) as log:
            return compacted(log, config)[2].worst_ms
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
    parser.add_argument("--records", type=int, default=2_000_000)
    parser.add_argument("--keys", type=int, default=100_000)
    parser.add_argument("--buffer", type=int, default=128 << 20, help="memory of the offset map")
    parser.add_argument("--directory", default=tempfile.gettempdir())
    parser.add_argument("--only", choices=("compaction", "maps"))
    options = parser.parse_args()
    if options.only != "maps":
        compaction(options)
    if options.only != "compaction":
        maps(LIMIT_ENTRIES)


if __name__ == "__main__":
    main()
