"""A driver as a process: lines in, lines out, with a deadline on every wait."""

from __future__ import annotations

import json
import os
import queue
import select
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

Line = Mapping[str, Any]

ROOT = Path(__file__).resolve().parents[3]
ANSWER_WITHIN_S = 30.0
TAKEN_WITHIN_S = 30.0
ENDED_WITHIN_S = 15.0


class DriverFailed(Exception):
    """A driver ended with an error, or did not answer in time; the message holds its standard error."""


def write_lines(lines: Iterable[Line]) -> bytes:
    """Requests as a driver reads them."""
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


def run(command: Sequence[str], lines: Iterable[Line], within_s: float) -> list[dict[str, Any]]:
    """All the answers of a driver to all of its input. Raises DriverFailed."""
    try:
        done = subprocess.run(
            command, input=write_lines(lines), capture_output=True, timeout=within_s, cwd=ROOT, check=False
        )
    except subprocess.TimeoutExpired as late:
        told = len((late.stdout or b"").splitlines())
        stderr = (late.stderr or b"").decode(errors="replace")
        raise DriverFailed(f"not done after {within_s} s, {told} lines so far: {command}\n{stderr}") from late
    if done.returncode:
        raise DriverFailed(f"ended with {done.returncode}: {command}\n{done.stderr.decode(errors='replace')}")
    return [json.loads(line) for line in done.stdout.splitlines()]


class Session:
    """A driver that is talked to while it runs."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 (closed in close)
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._stderr, cwd=ROOT
        )
        assert self._process.stdin is not None
        # A driver that no longer reads must not stop the test for ever.
        self._stdin = self._process.stdin.fileno()
        os.set_blocking(self._stdin, False)
        self._answers: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def tell(self, *lines: Line, within_s: float = TAKEN_WITHIN_S) -> None:
        """Send requests, and do not wait for answers. Raises DriverFailed."""
        deadline = time.monotonic() + within_s
        unsent = memoryview(write_lines(lines))
        while unsent:
            # poll, for select takes no descriptor above 1023 and a test run may have more files open.
            waiting = select.poll()
            waiting.register(self._stdin, select.POLLOUT)
            writable = waiting.poll(max(0.0, deadline - time.monotonic()) * 1000)
            if not writable:
                raise DriverFailed(f"takes no input for {within_s} s: {self._command}\n{self.stderr()}")
            try:
                unsent = unsent[os.write(self._stdin, unsent) :]
            except BrokenPipeError as broken:
                raise DriverFailed(f"ended early: {self._command}\n{self.stderr()}") from broken

    def end_input(self) -> None:
        """Say that no request follows."""
        assert self._process.stdin is not None
        self._process.stdin.close()

    def next(self, within_s: float | None = ANSWER_WITHIN_S) -> dict[str, Any]:
        """The next answer; without a deadline where None is given. Raises DriverFailed."""
        try:
            line = self._answers.get(timeout=within_s)
        except queue.Empty:
            raise DriverFailed(f"no answer within {within_s} s: {self._command}\n{self.stderr()}") from None
        if line is None:
            raise DriverFailed(f"no more answers: {self._command}\n{self.stderr()}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def ask(self, line: Line) -> dict[str, Any]:
        """One request, one answer."""
        self.tell(line)
        return self.next()

    def rest(self, within_s: float = ANSWER_WITHIN_S) -> list[dict[str, Any]]:
        """Every further answer, until the driver ends of itself. Raises DriverFailed."""
        try:
            code = self._process.wait(within_s)
        except subprocess.TimeoutExpired:
            raise DriverFailed(f"not done after {within_s} s: {self._command}\n{self.stderr()}") from None
        self._reader.join()
        if code:
            raise DriverFailed(f"ended with {code}: {self._command}\n{self.stderr()}")
        answers = []
        while (line := self._answers.get_nowait()) is not None:
            answers.append(json.loads(line))
        return answers

    def close(self) -> None:
        """End the driver: kindly, then not."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        try:
            stdin.close()
        except BrokenPipeError:
            pass  # It has ended already, and what was not yet written is nobody's concern now.
        try:
            self._process.wait(ENDED_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join()
        stdout.close()
        self._stderr.close()

    def abandon(self) -> None:
        """End the driver now: it may be waiting for something that does not come."""
        self._process.kill()

    def send_signal(self, number: signal.Signals) -> None:
        """SIGSTOP, SIGCONT, SIGKILL: what happens to a process from outside."""
        self._process.send_signal(number)

    def stderr(self) -> str:
        """What the driver complained about so far."""
        self._stderr.seek(0)
        return self._stderr.read().decode(errors="replace")

    def _read(self) -> None:
        stdout = self._process.stdout
        assert stdout is not None
        for line in stdout:
            # A driver that is killed may leave half a line behind.
            if line.endswith(b"\n"):
                self._answers.put(line)
        self._answers.put(None)
