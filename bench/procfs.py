"""What a server has used, read from /proc: CPU seconds and resident memory of a process and all its descendants."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
_MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Usage:
    """CPU since the process began, and memory now. Memory in MB: resident, of it anonymous, of it mapped files."""

    cpu_s: float
    resident_mb: float
    anonymous_mb: float
    file_mb: float


def _children(pid: int) -> list[int]:
    try:
        threads = list(Path(f"/proc/{pid}/task").iterdir())
    except OSError:
        return []  # It ended while it was looked at.
    return [child for thread in threads for child in _children_of_thread(thread)]


def _children_of_thread(thread: Path) -> list[int]:
    try:
        return [int(child) for child in (thread / "children").read_text().split()]
    except OSError:
        return []  # It ended while it was looked at, and its children have another parent.


def family(pid: int) -> list[int]:
    """The process and its living descendants."""
    members = [pid]
    for member in members:
        members.extend(_children(member))
    return members


def _cpu_seconds(pid: int) -> float:
    """User and system time of the process and of the children that it has waited for."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return 0.0
    fields = stat.rpartition(")")[2].split()
    return sum(int(ticks) for ticks in fields[11:15]) / _TICKS_PER_SECOND


def _memory_mb(pid: int) -> dict[str, float]:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return {}
    pairs = (line.split(":", 1) for line in lines if line.startswith(("VmRSS:", "RssAnon:", "RssFile:")))
    return {name: int(value.split()[0]) * 1024 / _MB for name, value in pairs}


def open_files(pid: int) -> int:
    """Descriptors of the whole family of `pid`."""
    return sum(_descriptors(member) for member in family(pid))


def _descriptors(pid: int) -> int:
    try:
        return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return 0  # It ended while it was looked at.


def usage(pid: int) -> Usage:
    """Adds up the whole family of `pid`."""
    members = family(pid)
    memory = [_memory_mb(member) for member in members]
    return Usage(
        cpu_s=sum(_cpu_seconds(member) for member in members),
        resident_mb=sum(sizes.get("VmRSS", 0.0) for sizes in memory),
        anonymous_mb=sum(sizes.get("RssAnon", 0.0) for sizes in memory),
        file_mb=sum(sizes.get("RssFile", 0.0) for sizes in memory),
    )


class MemoryPeak:
    """Watches a process while the `with` block runs; `peak` is the moment with the most anonymous memory.

    Anonymous, because a mapped log file counts as resident although the kernel may drop it at any time.
    """

    _INTERVAL_S = 0.1

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.peak = usage(pid)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()
        self._look()

    def _look(self) -> None:
        current = usage(self._pid)
        if current.anonymous_mb > self.peak.anonymous_mb:
            self.peak = current

    def _watch(self) -> None:
        while not self._ended.wait(self._INTERVAL_S):
            self._look()
