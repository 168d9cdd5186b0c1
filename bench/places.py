"""Where the benchmark keeps what it builds, fetches and writes. No other module here spells a path of the repository."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "src"
LOAD_SOURCES = ROOT / "bench" / "load"
CACHE = ROOT / ".cache" / "bench"
"""Ignored by git: generators, jars, and the data directories of a run."""

BINARIES = CACHE / "bin"
KAFKA_JARS = CACHE / "kafka"
RUNS = CACHE / "run"
