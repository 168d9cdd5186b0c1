"""A broker in a process of its own, waited for by what it says on stderr."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

DEADLINE_SECONDS = 30.0


class BrokerProcess:
    """`cordwood serve`, from entering the context to leaving it, but no longer than the limit."""

    def __init__(
        self,
        data: Path,
        *arguments: str,
        environment: Mapping[str, str] | None = None,
        limit_seconds: float = DEADLINE_SECONDS,
    ) -> None:
        self._command: Sequence[str] = [sys.executable, "-m", "cordwood", "serve", "--data", str(data), *arguments]
        self._environment = {**os.environ, **(environment or {})}
        self._limit_seconds = limit_seconds
        self.said: list[str] = []

    def __enter__(self) -> Self:
        self.process = subprocess.Popen(self._command, stderr=subprocess.PIPE, text=True, env=self._environment)
        self._watch = threading.Timer(self._limit_seconds, self.process.kill)
        self._watch.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self.process.returncode is None:
            self.process.kill()
            self.wait()
        self._watch.cancel()

    def until(self, pattern: str) -> re.Match[str]:
        """Reads stderr until a line matches."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.said.append(line)
            if found := re.search(pattern, line):
                return found
        raise AssertionError(f"the broker never said {pattern!r}, but:\n{''.join(self.said)}")

    def port(self) -> int:
        """Waits until it is ready."""
        return int(self.until(r"ready at 127\.0\.0\.1:(\d+)")[1])

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def wait(self) -> int:
        """The exit code."""
        _, rest = self.process.communicate()
        self.said.append(rest)
        return self.process.returncode
