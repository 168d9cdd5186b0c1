"""The sections of docs/BENCHMARKS.md beside those of `make bench`: `python -m bench.sections FILE ... >> docs/BENCHMARKS.md`.

The files are what `bench.opening`, `bench.commands`, `bench.compaction`, `bench.raftlog`, `bench.consensus` and `python -m bench --only groups --only commits` print;
each becomes a section that says its machine, its command and its flush policy.

Lives here: words and tables. Must not live here: measuring.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from bench import publish, report

_OPENING: Final = """\
## Opening a log

`chrt -r 1 python -m bench.opening` (before all else on the machine, since others used it, too): from exec to the ready
file of a broker with its defaults (`flush.policy=commit`), the median of five starts; and `Log.open` in a new process
(`flush_policy="interval"`). After a kill each partition has a record that no checkpoint knows of, and the large log 300 MB
behind the end of the clean one. Files are in the page cache as the run before left them.
"""

_COMMANDS: Final = """\
## The command line

`python -m bench.commands`: each command in a process of its own, as a shell starts it, with a broker on the same machine; from exec
to the first byte on standard output, and to the end. The medians of {runs} runs, and the slowest first byte among them.
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

_GROUPS: Final = """\
## Consumer groups

`chrt -r 1 python -m bench{quick} --only groups --only commits --subjects cordwood,kafka` (before all else on the machine,
since others used it, too), with `group.initial.rebalance.delay.ms=0` on both brokers, and a Kafka (`KAFKA_JARS`) that has the
consumer protocol (KIP-848) by default. Each member has a connection of its own and sends a heartbeat every 500 ms while groups
change, which is how soon a member of the classic protocol hears of a change: `left` and `back` cannot be much shorter. What
the columns mean stands in [bench/README.md](../bench/README.md).
"""

_EXACTLY_ONCE_MEASURES: Final = {"idempotent", "transactions", "pipeline"}
_EXACTLY_ONCE: Final = """\
## Exactly once{which}

`python -m bench{quick} {only} --subjects {subjects}`: librdkafka in C, acks `all`. What the columns mean stands in
[bench/README.md](../bench/README.md). An idempotent producer has at most five requests under way, a plain one as many as it likes:
where each waits for a sync, as under `commit`, that is most of what it is slower by. Kafka's JVM was warmed up with single
messages, not with transactions.
"""

_PARTITIONS: Final = """\
## Many partitions

`python -m bench{quick} --only partitions --subjects {subjects}`: one server after the other, and each figure taken once: ratios
near one say little. What the columns mean stands in [bench/README.md](../bench/README.md).
"""

_QUOTAS: Final = """\
## Quotas

`python -m bench --only quotas --subjects {subjects}`: clients that always want more, in their first ten seconds. What the columns
mean stands in [bench/README.md](../bench/README.md), and what differs from Kafka in [QUOTAS.md](QUOTAS.md#how-use-is-measured).
"""

_CONSENSUS: Final = """\
## Consensus, and etcd

`python -m bench.consensus`: each caller proposes 100 bytes, waits until the leader has applied them, and proposes again; every
entry is on the disk of a quorum by then. `in process`: all nodes on one event loop. `loopback`: each node a process, messages
over TCP as between brokers; the callers are in the leader's process. `etcd {etcd}`: each caller puts 100 bytes through etcd's own
Go client, over loopback, which a caller beside the leader does without. The probe is what the disk itself gave before and after
each figure: appends of 4 KiB with an fdatasync each, by one thread; in brackets: how many times as many proposals there were.
Subjects take turns; each figure is the median of the rounds. All nodes share one disk and the same cores.
"""

_RAFTLOG: Final = """\
## The raft log

`python -m bench.raftlog`: each writer appends one entry of 100 bytes and waits for it, over and over: as tasks of one event
loop that await, and as threads that block. Durable means fdatasync done; written means in the page cache. The probe is what
the disk itself gave before and after each figure: appends of 4 KiB with an fdatasync each, by one thread. In brackets: how
many times as many appends were durable. Each figure is the median of five short rounds, side by side with the others.
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


def commands(run: Mapping[str, Any]) -> Iterator[str]:
    """Of `bench.commands`."""
    yield _COMMANDS.format(runs=run["runs"])
    yield from machine(run["machine"])
    yield "| command | first byte | slowest | end | CPU |"
    yield "|---|---:|---:|---:|---:|"
    for words, row in run["commands"].items():
        figures = " | ".join(f"{row[name]:,.0f} ms" for name in ("first_ms", "worst_ms", "end_ms", "cpu_ms"))
        yield f"| `cordwood {words}` | {figures} |"
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


def raftlog(run: Mapping[str, Any]) -> Iterator[str]:
    """Of `bench.raftlog`."""
    yield _RAFTLOG
    yield from machine(run["machine"])
    yield "| writers | probe fdatasync/s | tasks: durable/s | syncs/s | threads: durable/s | syncs/s | tasks: written/s |"
    yield "|---:|---:|---:|---:|---:|---:|---:|"
    for row in run["raftlog"]:
        figures = (
            f"{row['writers']:.0f}",
            f"{row['probe']:,.0f}",
            f"{row['tasks']:,.0f} ({row['tasks_times']:.1f}x)",
            f"{row['tasks_syncs']:,.0f}",
            f"{row['threads']:,.0f} ({row['threads_times']:.1f}x)",
            f"{row['threads_syncs']:,.0f}",
            f"{row['written']:,.0f}",
        )
        yield f"| {' | '.join(figures)} |"
    yield ""
    calls = ", ".join(f"{figure:.1f} µs in calls of {group}" for group, figure in run["calls"].items())
    opened = run["opening"]
    yield f"An append without a flush takes, for each entry: {calls}."
    yield (
        f"A log of {opened['records']:,.0f} entries ({opened['bytes'] / 1e6:.0f} MB in {opened['chunks']:.0f} chunks) opens in "
        f"{opened['seconds']:.1f} s, {opened['cpu_s']:.1f} s of them CPU; an entry that is not in memory is read in "
        f"{opened['read_us']:.0f} µs."
    )
    yield ""


def consensus(run: Mapping[str, Any]) -> Iterator[str]:
    """Of `bench.consensus`."""
    yield _CONSENSUS.format(etcd=run.get("etcd", "(not installed)"))
    yield from machine(run["machine"])
    yield "| nodes | callers | subject | probe fdatasync/s | proposals or puts/s | p50 µs | p99 µs |"
    yield "|---:|---:|---|---:|---:|---:|---:|"
    for row in run["consensus"]:
        figures = (
            f"{row['nodes']:.0f}",
            f"{row['callers']:.0f}",
            row["subject"],
            f"{row['probe']:,.0f}",
            f"{row['per_s']:,.0f} ({row['times']:.1f}x)",
            f"{row['p50_us']:,.0f}",
            f"{row['p99_us']:,.0f}",
        )
        yield f"| {' | '.join(figures)} |"
    yield ""
    start = run["restart"]
    yield (
        f"A node with {start['entries']:,.0f} entries in its raft log, and no snapshot, has opened it after "
        f"{start['opened_s']:.1f} s and applied all of it after {start['applied_s']:.1f} s."
    )
    yield ""


def servers(path: Path) -> Iterator[str]:
    """Of some measures of `python -m bench`."""
    facts, results = publish.read([path])
    quick = " --quick" if json.loads(path.read_text())["quick"] else ""
    measures = list(dict.fromkeys(row.measure for row in results.rows))
    subjects = ",".join(dict.fromkeys(f"{row.subject}:{row.policy}" for row in results.rows))
    if measures == ["quotas"]:
        yield _QUOTAS.format(subjects=subjects)
    elif measures == ["partitions"]:
        yield _PARTITIONS.format(quick=quick, subjects=subjects)
    elif _EXACTLY_ONCE_MEASURES.isdisjoint(measures):
        yield _GROUPS.format(quick=quick)
    else:
        yield _EXACTLY_ONCE.format(
            which=f": {', '.join(measures)}",
            quick=quick,
            only=" ".join(f"--only {measure}" for measure in measures),
            subjects=subjects,
        )
    yield from machine(facts)
    for measure in dict.fromkeys(row.measure for row in results.rows):
        yield from (f"### {measure}", "")
        yield from report.markdown_table(report.sheet(results, measure))
        yield ""
    yield from (f"- failed: {failure}" for failure in results.failures)


def section(path: Path) -> Iterator[str]:
    """The section that the file is for."""
    if path.read_text().startswith("{\n"):  # Only the benchmark of servers breaks its lines.
        yield from servers(path)
        return
    first, *rest = [json.loads(line) for line in path.read_text().splitlines()]
    if "raftlog" in first:
        yield from raftlog(first)
    elif "consensus" in first:
        yield from consensus(first)
    elif "commands" in first:
        yield from commands(first)
    elif "partitions" in first:
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
