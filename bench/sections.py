"""The sections of docs/BENCHMARKS.md beside those of `make bench`: `python -m bench.sections FILE ... >> docs/BENCHMARKS.md`.

The files are what `bench.opening` and `bench.compaction` print; each becomes a section that says its machine, its command
and its flush policy.

Lives here: words and tables. Must not live here: measuring.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

_OPENING: Final = """\
## Opening a log

`python -m bench.opening`: from exec to the ready file of a broker with its defaults (`flush.policy=commit`), the median of
five starts; and `Log.open` in a new process (`flush_policy="interval"`). After a kill each partition has a record that no
checkpoint knows of, and the large log 300 MB behind the end of the clean one. Files are in the page cache as the run
before left them.
"""

_COMPACTION: Final = """\
## Compaction

`python -m bench.compaction --only topic --realtime`: a compacted topic of one partition in a broker process, to which
librdkafka sends updates while it is compacted, and a few a second afterwards until all is compacted. What is left is read
by a consumer and compared with what was sent: exactly the last value of each key, at its offset, in the order of offsets
(and the few updates of the active segment). `stall` is the longest that an answer took which the event loop gives at once,
asked for every millisecond by another process; `without` is the same while a topic that is not compacted is written to.
Broker and asker run before all else on the machine (SCHED_RR), since others used it, too; `machine` is how late the asker
itself was woken. MB/s are bytes of the log, as stored, a second of compaction, by the broker's metrics; memory is the most
that was not files; the bound is what the broker had before, what the offset map may take, and what may wait for a look at its
keys before it is appended (16 MiB). A small map means several rounds, each of which reads the clean part again.
"""


def machine(facts: Mapping[str, str]) -> Iterator[str]:
    """The table of what it was measured on."""
    yield from ("| measured on | |", "|---|---|")
    yield from (f"| {name} | {fact} |" for name, fact in facts.items())
    yield ""


def opening(run: Mapping[str, Any]) -> Iterator[str]:
    """Of `bench.opening`."""
    many, large = run["partitions"], run["log"]
    yield _OPENING
    yield from machine(run["machine"])
    yield from ("| what is opened | after a clean stop | after kill -9 |", "|---|---:|---:|")
    yield f"| a broker without partitions | {many['first_ms']:,.0f} ms | |"
    yield f"| a broker with {many['partitions']:,.0f} partitions | {many['clean_ms']:,.0f} ms | {many['killed_ms']:,.0f} ms |"
    words = f"a log of {large['bytes'] / 1e9:.0f} GB in {large['segments']:.0f} segments"
    yield f"| {words} | {large['clean_open_ms']:,.0f} ms | {large['killed_open_ms']:,.0f} ms |"
    yield f"| its first read | {large['clean_first_read_ms']:,.1f} ms | {large['killed_first_read_ms']:,.1f} ms |"
    yield ""


def compaction(facts: Mapping[str, Any], rows: list[Mapping[str, Any]]) -> Iterator[str]:
    """Of `bench.compaction --only topic`."""
    yield _COMPACTION
    yield from machine({**facts["machine"], "flush policy": facts["flush policy"]})
    yield "| codec | updates | keys | updates/s | seconds | MB/s | records/s | stall | p99 | without | machine | memory | bound |"
    yield "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|"
    for row in rows:
        figures = (
            f"{row['updates']:,.0f}",
            f"{row['keys']:,.0f}",
            f"{row['updates_per_s']:,.0f}",
            f"{row['seconds']:.0f}",
            f"{row['mb_per_s']:.0f}",
            f"{row['records_per_s']:,.0f}",
            f"{row['stall_ms']:.1f} ms",
            f"{row['stall_p99_ms']:.1f} ms",
            f"{row['plain_ms']:.1f} ms",
            f"{row['machine_ms']:.1f} ms",
            f"{row['memory_mb']:.0f} MB",
            f"{row['bound_mb']:.0f} MB",
        )
        yield f"| {row['work'].removeprefix('topic ')} | {' | '.join(figures)} |"
    yield ""


def section(path: Path) -> Iterator[str]:
    """The section that the file is for."""
    first, *rest = [json.loads(line) for line in path.read_text().splitlines()]
    if "partitions" in first:
        yield from opening(first)
    else:
        yield from compaction(first, [row for row in rest if row["work"].startswith("topic ")])


def main() -> None:
    """Reads the files named on the command line and prints their sections."""
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    for name in sys.argv[1:]:
        print("\n" + "\n".join(section(Path(name))).rstrip())


if __name__ == "__main__":
    main()
