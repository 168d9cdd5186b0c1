"""The log as a library inside a program: bench/embedded_log.py in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from bench import places
from bench.generator import BenchError
from bench.lab import Lab
from bench.results import Row

NAME = "embedded"
DOCUMENT = "the embedded log: appends and reads a second, an indexed read against a scan"

_QUICK_SIZE = 100_000_000
_FULL_SIZE = 1_000_000_000


def run(lab: Lab) -> None:
    """One row for each line of work that the program prints."""
    lab.say(NAME)
    size = _QUICK_SIZE if lab.profile.quick else _FULL_SIZE
    command = [sys.executable, "-m", "bench.embedded_log", "--json", "--size", str(size)]
    ended = subprocess.run(
        [*command, "--directory", str(lab.directory)],
        capture_output=True,
        text=True,
        check=False,
        cwd=places.ROOT,
        env={**os.environ, "PYTHONPATH": str(places.SOURCES)},
    )
    if ended.returncode:
        raise BenchError((ended.stderr.strip().splitlines() or ["no word"])[-1])
    for line in ended.stdout.splitlines():
        values = json.loads(line)
        setting = {"work": values.pop("work")}
        lab.results.rows.append(Row(NAME, "cordwood", values.pop("policy"), setting, values, 1))
