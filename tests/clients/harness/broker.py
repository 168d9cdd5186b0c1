"""A broker in a process of its own, that can be killed and started again on the same port and data.

CLIENTS_SERVE names another command that takes the flags of `cordwood serve`; with it these very tests can be
run against another broker, such as Apache Kafka behind a small script, to see that it is the tests which are right.
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

SERVE = shlex.split(os.environ.get("CLIENTS_SERVE", f"{shlex.quote(sys.executable)} -m cordwood serve"))
READY_WITHIN_S = 30.0
STOPPED_WITHIN_S = 15.0
# How often the ready file is looked for. The wait between is a wait for the process, which ends when it dies.
LOOK_EVERY_S = 0.005
STDERR_TAIL_BYTES = 20_000


class BrokerDied(Exception):
    """The broker ended, or did not get ready; the message holds the end of its standard error."""


class Broker:
    """One broker process at a time, over one data directory and, from the second start on, one port."""

    def __init__(self, folder: Path, settings: Mapping[str, str] | None = None, address: str = "127.0.0.1:0") -> None:
        self._folder = folder
        self._settings = dict(settings or {})
        self._ready_file = folder / "ready"
        self._stderr_file = folder / "stderr.log"
        self._address = address
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def bootstrap(self) -> str:
        """Where clients reach it."""
        return self._address

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it and wait until it answers requests."""
        self.launch()
        if not self.wait_ready(READY_WITHIN_S):
            raise BrokerDied(f"the broker was not ready after {READY_WITHIN_S} s\n{self.stderr()}")

    def launch(self) -> None:
        """Start the process and do not wait for it."""
        self._ready_file.unlink(missing_ok=True)
        arguments = [*SERVE, "--listen", self._address, "--data", str(self._folder / "data")]
        arguments += ["--ready-file", str(self._ready_file)]
        for name, value in self._settings.items():
            arguments += ["--set", f"{name}={value}"]
        with self._stderr_file.open("ab") as stderr:
            self._process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=stderr, stderr=stderr)

    def wait_ready(self, within_s: float) -> bool:
        """Whether it answered requests in time; the address is known from then on. Raises BrokerDied."""
        process = self._running()
        deadline = time.monotonic() + within_s
        while not self._ready_file.exists():
            if time.monotonic() >= deadline:
                return False
            try:
                code = process.wait(LOOK_EVERY_S)
            except subprocess.TimeoutExpired:
                continue
            raise BrokerDied(f"the broker ended with code {code}\n{self.stderr()}")
        self._address = self._ready_file.read_text().split()[0]
        return True

    def kill(self) -> None:
        """SIGKILL: nothing is said goodbye to."""
        process = self._running()
        process.kill()
        process.wait()
        self._process = None

    def stop(self) -> int:
        """SIGTERM; the exit code."""
        process = self._running()
        process.send_signal(signal.SIGTERM)
        try:
            code = process.wait(STOPPED_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise BrokerDied(f"the broker did not stop within {STOPPED_WITHIN_S} s\n{self.stderr()}") from None
        self._process = None
        return code

    def stderr(self) -> str:
        """The end of what all processes so far wrote to standard error."""
        if not self._stderr_file.exists():
            return ""
        return self._stderr_file.read_bytes()[-STDERR_TAIL_BYTES:].decode(errors="replace")

    def _running(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, "the broker was not started"
        return self._process
