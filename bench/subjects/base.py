"""What every server under test has in common: a process with a directory, a port, and a flush policy in words.

A subject knows how to start and stop and how to make a topic. What it is put through is the business of
`bench.measures`.
"""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import IO, ClassVar

from bench import procfs
from bench.generator import BenchError, Generator, Outcome, Workload


def free_port() -> int:
    """A TCP port on loopback that nobody listens on right now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


class Subject(ABC):
    """One server under one flush policy, alone in its directory. Not restartable while it runs."""

    name: ClassVar[str]
    policies: ClassVar[dict[str, str]]
    """Policy to what it means here: Cordwood's own words, or the other server's settings that come nearest."""
    generator: ClassVar[Generator]
    most_partitions: ClassVar[int] = 1_000
    stop_timeout_s: ClassVar[float] = 30.0

    def __init__(self, policy: str, directory: Path) -> None:
        self.policy = policy
        self.directory = directory
        self.settings: dict[str, str] = {}
        """What is to be set beside the policy, in the server's own words."""
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._output: IO[bytes] | None = None

    @classmethod
    @abstractmethod
    def missing(cls) -> str | None:
        """Why this server cannot run on this machine; None when it can."""

    @classmethod
    @abstractmethod
    def version(cls) -> str:
        """Its version, for the report."""

    @abstractmethod
    def command(self) -> list[str]:
        """The command line that runs the server in the foreground."""

    @abstractmethod
    def is_ready(self) -> bool:
        """Whether it answers requests now."""

    @abstractmethod
    def create_topic(self, topic: str, partitions: int) -> None:
        """Makes a topic, or whatever holds messages here."""

    @abstractmethod
    def delete_topic(self, topic: str) -> None:
        """Removes a topic and its data."""

    @abstractmethod
    def prepare(self) -> None:
        """Puts into the directory what must be there before a start; called before every one."""

    def environment(self) -> dict[str, str] | None:
        """The environment of the process; None for the benchmark's own."""
        return None

    @property
    def label(self) -> str:
        """How the report names it."""
        return f"{self.name} {self.policy}"

    @property
    def address(self) -> str:
        """Where clients find it."""
        return f"127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """The process that was started; its children belong to it."""
        if self._process is None:
            raise BenchError(f"{self.label} is not running")
        return self._process.pid

    def launch(self) -> None:
        """Starts the process and returns at once. `prepare` has been called before."""
        self._output = (self.directory / "output.txt").open("ab")
        self._process = subprocess.Popen(
            self.command(),
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=subprocess.STDOUT,
            cwd=self.directory,
            env=self.environment(),
        )

    def start(self, timeout_s: float = 60.0) -> None:
        """Prepares a fresh directory, starts, and waits until requests are answered."""
        self.directory.mkdir(parents=True, exist_ok=True)
        self.prepare()
        self.launch()
        deadline = time.monotonic() + timeout_s
        while not self.is_ready():
            if self._process is not None and self._process.poll() is not None:
                raise BenchError(f"{self.label} ended with {self._process.returncode}: {self._last_words()}")
            if time.monotonic() > deadline:
                raise BenchError(f"{self.label} is not ready after {timeout_s:.0f} s: {self._last_words()}")
            time.sleep(0.02)

    def _last_words(self) -> str:
        lines = (self.directory / "output.txt").read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else "it printed nothing"

    def kill(self) -> None:
        """Ends it at once, as a crash does."""
        if self._process is not None:
            self._process.kill()
        self.stop()

    def stop(self) -> None:
        """Asks it to end, waits, and insists when it does not."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(self.stop_timeout_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None
        if self._output is not None:
            self._output.close()

    def remove(self) -> None:
        """Stops it and deletes everything it wrote."""
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def usage(self) -> procfs.Usage:
        """CPU and memory of the server with its children."""
        return procfs.usage(self.pid)

    def load(self, workload: Workload) -> Outcome:
        """Puts the load on this server with its own generator."""
        return self.generator.run(self.address, workload)


def accepts(port: int) -> bool:
    """Whether something listens on the loopback port."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1.0):
            return True
    except OSError:
        return False
