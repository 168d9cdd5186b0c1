"""kcat: lines of a file in, lines out. Timed as a whole process, since kcat keeps no time of its own."""

from __future__ import annotations

import resource
import subprocess
import tempfile
import time
from pathlib import Path
from typing import IO

from bench.generator import BenchError, Outcome

_TIMEOUT_S = 120.0


def produce(address: str, topic: str, messages: int, size: int) -> Outcome:
    """Produces lines of `size` bytes to partition 0 with acks=all."""
    with tempfile.NamedTemporaryFile(suffix=".lines") as lines:
        lines.write((b"x" * size + b"\n") * messages)
        lines.flush()
        command = ["kcat", "-P", "-b", address, "-t", topic, "-p", "0", "-X", "acks=all", "-l", lines.name]
        return _timed(command, messages, size, None)


def consume(address: str, topic: str, messages: int, size: int) -> Outcome:
    """Consumes partition 0 from the beginning, into nothing."""
    command = ["kcat", "-C", "-b", address, "-t", topic, "-p", "0", "-o", "beginning", "-c", str(messages), "-q"]
    with Path("/dev/null").open("wb") as nothing:
        return _timed(command, messages, size, nothing)


def _timed(command: list[str], messages: int, size: int, output: IO[bytes] | None) -> Outcome:
    cpu_before = _children_cpu_s()
    began = time.monotonic()
    try:
        ended = subprocess.run(
            command, stdout=output, stderr=subprocess.PIPE, timeout=_TIMEOUT_S, check=False, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired as error:
        raise BenchError(f"no answer in {_TIMEOUT_S:.0f} s: {' '.join(command)}") from error
    seconds = time.monotonic() - began
    if ended.returncode:
        raise BenchError(f"kcat: {ended.stderr.decode(errors='replace').strip()[-200:]}")
    return Outcome(
        messages=messages,
        failed=0,
        seconds=seconds,
        messages_per_s=messages / seconds,
        mb_per_s=messages * size / seconds / 1e6,
        client_cpu_s=_children_cpu_s() - cpu_before,
    )


def _children_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
