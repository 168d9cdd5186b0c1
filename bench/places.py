"""Where the benchmark keeps what it builds, fetches and writes. No other module here spells a path of the repository."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "src"
LOAD_SOURCES = ROOT / "bench" / "load"
CACHE = ROOT / ".cache" / "bench"
"""Ignored by git: generators, jars, and the data directories of a run."""

BINARIES = CACHE / "bin"
KAFKA_JARS = Path(os.environ.get("KAFKA_JARS", CACHE / "kafka"))
"""Of another Apache Kafka than the usual one, if the environment says so."""

RUNS = CACHE / "run"
