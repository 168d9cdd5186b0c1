"""A session of bash beside a broker: commands one after the other, in a directory of their own.

Lives here: that bash. Must not live here: which commands.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import Final, Self

MARK: Final = "--- the command is done ---"
TELL: Final = f"STATUS=$?; echo; echo {shlex.quote(MARK)}; (exit $STATUS)"
"""Says that a command has ended, and leaves its exit code to the next one."""

DEADLINE_SECONDS: Final = 100.0
PORT: Final = "9092"
"""The port that documents speak of; the broker of a test has another."""


class Shell:
    """Bash with `cordwood` on its path, and a cluster that needs no -b."""

    def __init__(self, directory: Path, port: int) -> None:
        programs = str(Path(sys.executable).parent)
        self._port = str(port)
        self._directory = directory
        self._environment = {
            "HOME": str(directory),
            "LANG": "C.UTF-8",
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "CORDWOOD_BOOTSTRAP_SERVERS": f"127.0.0.1:{port}",
            "PS1": "",
        }

    def __enter__(self) -> Self:
        self._bash = subprocess.Popen(
            ["bash", "--norc"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=self._directory,
            env=self._environment,
        )
        self._watch = threading.Timer(DEADLINE_SECONDS, self._bash.kill)
        self._watch.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._bash.communicate("exit\n")
        self._watch.cancel()

    def run(self, command: str) -> list[str]:
        """What a command prints on either stream."""
        assert self._bash.stdin is not None
        assert self._bash.stdout is not None
        self._bash.stdin.write(f"eval {shlex.quote(command)} </dev/null; {TELL}\n")
        self._bash.stdin.flush()
        lines: list[str] = []
        for line in self._bash.stdout:
            if line.rstrip("\n") == MARK:
                return self._told(lines)
            lines.append(line.rstrip("\n"))
        raise AssertionError(f"{command}: no end after {DEADLINE_SECONDS:g} seconds; it printed {lines}")

    def _told(self, lines: list[str]) -> list[str]:
        """The lines as documents have them, without the line that keeps the mark apart from an unfinished one."""
        text = "\n".join(lines).rstrip("\n").replace(f":{self._port}", f":{PORT}")
        return [line.rstrip() for line in text.splitlines()]
