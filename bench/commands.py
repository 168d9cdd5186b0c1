"""How long people wait for the first words of a command.

    .venv/bin/python -m bench.commands [--runs 21] [--directory DIR]

Each command is a process of its own that talks to one broker (in another process, with a topic of twelve partitions), as a
shell would start it. Measured from exec to the first byte on standard output, and to the end; CPU is that of the command. JSON
on stdout, words on stderr.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from bench import machine
from bench.opening import Broker, say
from bench.subjects.cordwood import Cordwood

TOPIC: Final = "orders"

COMMANDS: Final = (
    "--help",
    "topic --help",
    "topic list",
    f"topic describe {TOPIC}",
    f"topic offsets {TOPIC}",
    f"topic config {TOPIC} --all",
    f"config get retention.ms --topic {TOPIC}",
    "config get num.partitions",
    "config show --all",
    "config lint broker.toml",
    f"produce {TOPIC} line.txt",
    f"consume {TOPIC} -e",
    "group list",
    "cluster info",
    "cluster health",
    "completion bash",
)
"""What is measured, with a broker named in the environment."""


class Failed(SystemExit):
    """A command that does not work is not measured."""


def taken(command: Sequence[str], environment: dict[str, str]) -> dict[str, float]:
    """One run of a command, in milliseconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begin = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)
    assert process.stdout is not None, "it was asked for"
    first = process.stdout.read(1)
    first_s = time.perf_counter() - begin
    _, errors = process.communicate()
    end_s = time.perf_counter() - begin
    if process.returncode or not first:
        raise Failed(f"{' '.join(command)} ended with {process.returncode}: {errors.decode()}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"first_ms": first_s * 1e3, "end_ms": end_s * 1e3, "cpu_ms": cpu_s * 1e3}


def measured(program: str, words: str, environment: dict[str, str], runs: int) -> dict[str, float]:
    """The medians of so many runs, and the slowest first byte."""
    rows = [taken([program, *words.split()], environment) for _ in range(runs)]
    figures = {name: statistics.median(row[name] for row in rows) for name in rows[0]}
    return {**figures, "worst_ms": max(row["first_ms"] for row in rows)}


def main() -> None:
    """Measures all of them and prints them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=21)
    parser.add_argument("--directory", default=None)
    chosen = parser.parse_args()
    directory = Path(tempfile.mkdtemp(prefix="cordwood-commands-", dir=chosen.directory))
    program = str(Path(sys.executable).parent / "cordwood")
    facts = machine.describe(directory, [Cordwood])
    os.chdir(directory)
    Path("line.txt").write_text("a line\n")
    Path("broker.toml").write_text("'num.partitions' = 4\n'num.network.threads' = 3\n")
    broker = Broker(directory / "data")
    environment = {**os.environ, "CORDWOOD_BOOTSTRAP_SERVERS": broker.address}
    try:
        taken([program, "topic", "create", TOPIC, "-p", "12"], environment)
        filled = f"{'x' * 99}\n" * 100
        command = [program, "produce", TOPIC]
        subprocess.run(command, input=filled.encode(), stdout=subprocess.DEVNULL, env=environment, check=True)
        rows = {}
        for words in COMMANDS:
            rows[words] = measured(program, words, environment, chosen.runs)
            say(f"{words}: {rows[words]}")
    finally:
        broker.end(signal.SIGTERM)
        shutil.rmtree(directory, ignore_errors=True)
    facts["load after"] = f"{os.getloadavg()[0]:.2f}"
    figures = {words: {name: round(value, 1) for name, value in row.items()} for words, row in rows.items()}
    print(json.dumps({"machine": facts, "runs": chosen.runs, "commands": figures}))


if __name__ == "__main__":
    main()
