"""What the figures were measured on: hardware, kernel, file system, and the versions of everything that took part."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

import confluent_kafka

from bench.subjects.base import Subject


def _first_line_after(path: str, key: str) -> str:
    for line in Path(path).read_text().splitlines():
        name, _, value = line.partition(":")
        if name.strip() == key:
            return value.strip()
    return "unknown"


def _file_system(directory: Path) -> str:
    """Type and device of the file system that holds the directory: the longest mount point above it."""
    mounts = [line.split()[:3] for line in Path("/proc/mounts").read_text().splitlines()]
    above = [mount for mount in mounts if directory.is_relative_to(mount[1])]
    device, _, kind = max(above, key=lambda mount: len(mount[1]))
    return f"{kind} on {device}"


def _debian_librdkafka() -> str:
    """The version of the library that the C generator and kcat are linked with."""
    command = ["dpkg-query", "-W", "-f", "${Version}", "librdkafka1"]
    try:
        asked = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return "unknown"
    return asked.stdout or "unknown"


def _package(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed"


def describe(directory: Path, subjects: Sequence[type[Subject]]) -> dict[str, str]:
    """The facts, in the order in which they are printed."""
    return {
        "CPU": f"{_first_line_after('/proc/cpuinfo', 'model name')}, {os.cpu_count()} cores",
        "memory": f"{int(_first_line_after('/proc/meminfo', 'MemTotal').split()[0]) / 1e6:.0f} GB",
        "kernel": f"{platform.system()} {platform.release()}",
        "file system": _file_system(directory),
        "load before": f"{os.getloadavg()[0]:.2f}",
        "Python": f"{platform.python_version()}, uvloop {_package('uvloop')}",
        "librdkafka": f"{_debian_librdkafka()} in C, {confluent_kafka.libversion()[0]} in confluent-kafka",
        **{f"version of {kind.name}": kind.version() for kind in subjects},
    }
