"""Processes of tools that nobody here wrote: what they say, and conditions to wait for while they run.

Lives here: processes. Must not live here: anything of Kafka (topics.py), or of one tool.
"""

from __future__ import annotations

import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import IO

import pytest

from tests.clients.harness.clients import SETUP

# How often a condition is looked at when no tool says anything; a word of a tool, or its end, ends the wait between.
LOOK_EVERY_S = 0.05
ENDED_WITHIN_S = 15.0
SHOWN_LINES = 40


def need(name: str, *programs: str, built_in: Path | None = None) -> None:
    """Skip the test when a program is not there, or `tests/clients/setup` has not made what belongs in that folder."""
    for program in programs:
        if shutil.which(program) is None:
            pytest.skip(f"{name}: {program} is not installed: {SETUP}")
    if built_in is not None and not (built_in / "target" / ".stamp").exists():
        pytest.skip(f"{name} was not fetched: {SETUP}")


class Tool:
    """One process. Its lines are those it has written in whole."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        env: Mapping[str, str] | None,
        cwd: Path | None,
        changed: threading.Event,
    ) -> None:
        self.name = name
        self.may_end = False
        self.said: list[str] = []
        self.complained: list[str] = []
        self._changed = changed
        self._process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env, cwd=cwd
        )
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self._readers = [
            threading.Thread(target=self._read, args=(self._process.stdout, self.said), daemon=True),
            threading.Thread(target=self._read, args=(self._process.stderr, self.complained), daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    @property
    def has_ended(self) -> bool:
        return self._process.poll() is not None

    def kill(self) -> None:
        """SIGKILL: nothing is said goodbye to. What it wrote before is read to the end."""
        self.may_end = True
        self._process.kill()
        self._ended(ENDED_WITHIN_S)

    def stop(self) -> None:
        """Ask it to end, and wait for that. Raises TimeoutExpired."""
        self.may_end = True
        self._process.terminate()
        self._ended(ENDED_WITHIN_S)

    def story(self) -> str:
        """The end of what it said."""
        state = f"ended with {self._process.returncode}" if self.has_ended else "is running"
        lines = [*self.said[-SHOWN_LINES:], *self.complained[-SHOWN_LINES:]]
        return "\n".join([f"--- {self.name}, which {state}", *lines])

    def _ended(self, within_s: float) -> None:
        self._process.wait(within_s)
        for reader in self._readers:
            reader.join(within_s)

    def _read(self, source: IO[bytes], lines: list[str]) -> None:
        with source:
            for line in source:
                if line.endswith(b"\n"):
                    lines.append(line.decode(errors="replace").rstrip("\n"))
                    self._changed.set()
        self._changed.set()


class Tools:
    """The tools that a test has started; whatever is left of them ends with the test."""

    def __init__(self) -> None:
        self._all: list[Tool] = []
        self._changed = threading.Event()
        self._numbers = count(1)

    def start(
        self, name: str, command: Sequence[str], env: Mapping[str, str] | None = None, cwd: Path | None = None
    ) -> Tool:
        """One process more."""
        tool = Tool(f"{name}#{next(self._numbers)}", command, env, cwd, self._changed)
        self._all.append(tool)
        return tool

    def wait_until(self, condition: Callable[[], bool], within_s: float, why: Callable[[], object] = str) -> None:
        """Wait for a condition, which is looked at whenever a tool says something. Fails when a tool ends by itself."""
        deadline = time.monotonic() + within_s
        while True:
            self._changed.clear()
            if condition():
                return
            gone = [tool.name for tool in self._all if tool.has_ended and not tool.may_end]
            assert not gone, f"{gone} ended by itself\n{self.story()}"
            assert time.monotonic() < deadline, f"not after {within_s} s: {why()}\n{self.story()}"
            self._changed.wait(LOOK_EVERY_S)

    def story(self) -> str:
        """The end of what each of them said."""
        return "\n".join(tool.story() for tool in self._all)

    def close(self) -> None:
        for tool in self._all:
            if not tool.has_ended:
                tool.kill()


@contextmanager
def open_tools() -> Iterator[Tools]:
    """Tools for one test."""
    tools = Tools()
    try:
        yield tools
    finally:
        tools.close()
