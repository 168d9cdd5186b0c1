"""The log as a library inside a program: bench/embedded_log.py in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys

from bench import places
from bench.generator import BenchError
from bench.lab import Lab
from bench.results import Row

NAME = "embedded"
DOCUMENT = "the embedded log: appends and reads a second"

_PROGRAM = places.ROOT / "bench" / "embedded_log.py"


def run(lab: Lab) -> None:
    """One row for each line that the program prints."""
    if not _PROGRAM.exists():
        lab.results.missing[NAME] = "bench/embedded_log.py is not there"
        return
    lab.say(NAME)
    command = [sys.executable, "-m", "bench.embedded_log", "--json"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, cwd=places.ROOT)
    if ended.returncode:
        raise BenchError((ended.stderr.strip().splitlines() or ["no word"])[-1])
    for line in ended.stdout.splitlines():
        values = json.loads(line)
        setting = {"work": values.pop("work")}
        lab.results.rows.append(Row(NAME, "cordwood", values.pop("policy"), setting, values, 1))
