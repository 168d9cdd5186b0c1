"""Cordwood itself, started as a user starts it: `cordwood serve` with a data directory and a flush policy."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

from bench import places
from bench.subjects.kafka_protocol import KafkaProtocolSubject


class Cordwood(KafkaProtocolSubject):
    """The broker of this repository, run from the sources."""

    name = "cordwood"
    policies = {
        "os": "flush.policy=os: the kernel writes when it likes",
        "interval": "flush.policy=interval: synced every flush.ms",
        "commit": "flush.policy=commit, the default: answered after fdatasync, group commit",
    }

    @classmethod
    def missing(cls) -> str | None:
        """Needs the broker's command line."""
        if not (places.SOURCES / "cordwood" / "__main__.py").exists():
            return "cordwood has no command line yet"
        return cls.generator.missing()

    @classmethod
    def version(cls) -> str:
        """From pyproject.toml, or from the package when the version lives there."""
        for place in (places.ROOT / "pyproject.toml", places.SOURCES / "cordwood" / "__init__.py"):
            if place.exists():
                found = re.search(r'^(?:__version__|version) *= *"([^"]+)"', place.read_text(), re.MULTILINE)
                if found:
                    return found[1]
        return "unreleased"

    @property
    def _ready_file(self) -> Path:
        return self.directory / "ready"

    def prepare(self) -> None:
        """A ready file of an earlier start would lie."""
        self._ready_file.unlink(missing_ok=True)

    def environment(self) -> dict[str, str]:
        """The sources on the path, whether the package is installed or not."""
        return {**os.environ, "PYTHONPATH": str(places.SOURCES)}

    def command(self) -> list[str]:
        """One broker on loopback."""
        serve = [sys.executable, "-m", "cordwood", "serve", "--listen", self.address]
        serve += ["--data", str(self.directory / "data"), "--ready-file", str(self._ready_file)]
        for name, value in {"flush.policy": self.policy, **self.settings}.items():
            serve += ["--set", f"{name}={value}"]
        return serve

    def is_ready(self) -> bool:
        """The broker says so itself."""
        return self._ready_file.exists()
