"""A raft group: how long a proposal takes and how many there are a second, beside the disk's own fdatasync and beside etcd.

    .venv/bin/python -m bench.consensus [--seconds 2] [--rounds 3] [--directory DIR] > consensus.json

One node and three, with one caller and with 64. Each caller proposes 100 bytes, waits until the leader has applied them,
and proposes again. `in process`: all nodes on one event loop. `loopback`: each node in a process of its own, messages over
TCP as between brokers, the callers in the leader's. `etcd`: the same, where each caller puts 100 bytes through etcd's own
Go client over loopback. Before and after each figure the disk is probed: appends of 4 KiB with an fdatasync each; `times`
is proposals a second by that. Subjects take turns in each round, and a figure is the median of the rounds. Then the start
of a node with a long log. JSON on stdout, words on stderr.
"""

from __future__ import annotations

import argparse
import gc
import json
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any, Final, TypeAlias

import uvloop

from bench.consensus import etcd, restart
from bench.consensus.group import in_process
from bench.consensus.loopback import over_loopback
from bench.generator import BenchError
from bench.machine import describe
from bench.probe import fdatasyncs_per_s

SIZES: Final = (1, 3)
CALLERS: Final = (1, 64)
PROBE_SECONDS: Final = 0.3

Row: TypeAlias = dict[str, Any]
Measure: TypeAlias = Callable[[str, int, int, float], dict[str, float]]


def say(words: str) -> None:
    """For people."""
    print(words, file=sys.stderr, flush=True)


def in_this_process(folder: str, size: int, callers: int, seconds: float) -> dict[str, float]:
    """All nodes on one event loop."""
    return uvloop.run(in_process(folder, size, callers, seconds))


def subjects() -> dict[str, Measure]:
    """What is measured here."""
    found: dict[str, Measure] = {"in process": in_this_process, "loopback": over_loopback}
    why = etcd.missing()
    if why is None:
        found["etcd"] = etcd.puts
    else:
        say(f"left out: etcd: {why}")
    return found


def figure(directory: str, name: str, measure: Measure, size: int, callers: int, seconds: float) -> Row | None:
    """One run, with the probe before and after it; None where it failed, which is said."""
    folder = tempfile.mkdtemp(prefix="cordwood-consensus-", dir=directory)
    try:
        before = fdatasyncs_per_s(Path(folder), PROBE_SECONDS)
        gc.collect()
        found = measure(folder, size, callers, seconds)
        probe = (before + fdatasyncs_per_s(Path(folder), PROBE_SECONDS)) / 2
    except BenchError as error:
        say(f"failed: {name}: {error}")
        return None
    finally:
        shutil.rmtree(folder)
    row: Row = {"subject": name, "nodes": size, "callers": callers, "probe": probe, **found}
    row["times"] = found["per_s"] / probe
    say("  ".join(f"{key} {value if isinstance(value, str) else f'{value:,.1f}'}" for key, value in row.items()))
    return row


def middle(rows: list[Row]) -> Row:
    """Each figure's median over the rounds."""
    return {
        key: value if isinstance(value, str) else median(row[key] for row in rows) for key, value in rows[0].items()
    }


def rows_of(directory: str, seconds: float, rounds: int) -> list[Row]:
    """Every subject, group and number of callers; the subjects take turns."""
    found = []
    measures = subjects()
    for size in SIZES:
        for callers in CALLERS:
            runs: dict[str, list[Row]] = {}
            for _ in range(rounds):
                for name, measure in measures.items():
                    row = figure(directory, name, measure, size, callers, seconds)
                    if row is not None:
                        runs.setdefault(name, []).append(row)
            found += [middle(rows) for rows in runs.values()]
    return found


def restart_row(directory: str, entries: int) -> Row:
    """The start of a node with so many entries behind it."""
    folder = tempfile.mkdtemp(prefix="cordwood-consensus-", dir=directory)
    try:
        restart.fill(folder, entries)
        row: Row = dict(restart.start(folder))
    finally:
        shutil.rmtree(folder)
    say("start: " + "  ".join(f"{key} {value:,.3f}" for key, value in row.items()))
    return row


def main() -> None:
    """Measures all of it and prints it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=2.0, help="for each run")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each figure")
    parser.add_argument("--entries", type=int, default=1_000_000, help="of the log that is long")
    parser.add_argument("--directory", default=tempfile.gettempdir(), help="which disk it is measured on")
    chosen = parser.parse_args()
    results: Row = {"machine": describe(Path(chosen.directory), [])}
    if shutil.which("etcd") is not None:
        results["etcd"] = etcd.version()
    results["consensus"] = rows_of(chosen.directory, chosen.seconds, chosen.rounds)
    results["restart"] = restart_row(chosen.directory, chosen.entries)
    print(json.dumps(results))


if __name__ == "__main__":
    main()
