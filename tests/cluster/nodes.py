"""Nodes of a cluster: `cordwood serve` in processes of their own, on ports of the loopback.

Lives here: their life, and `cordwood cluster` asked of them. Must not live here: tests.
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from click.testing import CliRunner, Result

from cordwood.cli.main import main

WITHIN_S = 30.0
CLUSTER_ID = "MkU3OEVBNTcwNTJENDM2Qk"


def free_ports(count: int) -> list[int]:
    """Ports that nobody had a moment ago."""
    with ExitStack() as stack:
        taken = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [one.getsockname()[1] for one in taken]


class NodeProcess:
    """One node, through all its lives. Its words are kept, for whoever waits for some and for people."""

    def __init__(self, number: int, port: int, data: Path, *settings: str) -> None:
        self.number = number
        self.port = port
        self.data = data
        self.settings = settings
        self.said: list[str] = []
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None
        self._news = threading.Condition()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def member(self) -> str:
        """As voters are written."""
        return f"{self.number}@{self.address}"

    def arguments(self) -> list[str]:
        """The settings, as `serve` and `bootstrap` are given them."""
        pairs = (f"node.id={self.number}", *self.settings)
        return ["--data", str(self.data), "--listen", self.address, *(f"--set={pair}" for pair in pairs)]

    def start(self) -> None:
        self.said.clear()
        command = [sys.executable, "-m", "cordwood", "serve", *self.arguments()]
        self._process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=dict(os.environ))
        self._reader = threading.Thread(target=self._read, args=(self._process,), daemon=True)
        self._reader.start()

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stderr is not None
        for line in process.stderr:
            with self._news:
                self.said.append(line)
                self._news.notify_all()

    def until(self, pattern: str) -> None:
        """Waits until it has said this."""
        with self._news:
            found = self._news.wait_for(lambda: any(re.search(pattern, line) for line in self.said), WITHIN_S)
        assert found, f"node {self.number} never said {pattern!r}, but:\n{''.join(self.said)}"

    def ready(self) -> None:
        """Waits until it serves clients."""
        self.until("ready at")

    def end(self, number: signal.Signals) -> int:
        """Ends it by a signal; its exit code."""
        assert self._process is not None, f"node {self.number} is not running"
        assert self._reader is not None
        process, self._process = self._process, None
        process.send_signal(number)
        code = process.wait(WITHIN_S)
        self._reader.join()
        assert process.stderr is not None
        process.stderr.close()
        return code

    def kill(self) -> None:
        if self._process is not None:
            self.end(signal.SIGKILL)


class ClusterOf:
    """First members 1 to `size`, founded and started when it is entered; further nodes join later."""

    def __init__(self, size: int, folder: Path) -> None:
        self._folder = folder
        ports = free_ports(size)
        voters = ",".join(f"{number}@127.0.0.1:{port}" for number, port in enumerate(ports, 1))
        self._founding = (f"cluster.id={CLUSTER_ID}", f"controller.quorum.voters={voters}")
        self.nodes = {
            number: NodeProcess(number, port, folder / f"data-{number}", *self._founding)
            for number, port in enumerate(ports, 1)
        }

    def __enter__(self) -> Self:
        for node in self.nodes.values():
            done = CliRunner().invoke(main, ["cluster", "bootstrap", *node.arguments()])
            assert done.exit_code == 0, done.stderr
            node.start()
        for node in self.nodes.values():
            node.ready()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for node in self.nodes.values():
            node.kill()
            if error is not None:
                error.add_note(f"node {node.number} said:\n{''.join(node.said[-20:])}")

    def settle(self, number: int) -> NodeProcess:
        """A further node, which waits to be added."""
        (port,) = free_ports(1)
        join = f"controller.quorum.bootstrap.servers={self.nodes[1].address}"
        node = self.nodes[number] = NodeProcess(number, port, self._folder / f"data-{number}", join)
        node.start()
        return node

    def do(self, command: str, *arguments: str) -> Result:
        """`cordwood cluster`, told of all nodes."""
        servers = ",".join(node.address for node in self.nodes.values())
        return CliRunner().invoke(main, ["cluster", command, "--bootstrap-server", servers, *arguments])

    def done(self, command: str, *arguments: str) -> Result:
        """The same, which must succeed."""
        result = self.do(command, *arguments)
        assert result.exit_code == 0, result.stderr
        return result

    def status(self) -> Any:
        return json.loads(self.done("status", "-o", "json").stdout)

    def voters(self) -> list[int]:
        return [voter["node"] for voter in self.status()["voters"]]

    def observers(self) -> list[int]:
        return [observer["node"] for observer in self.status()["observers"]]

    def leader(self) -> NodeProcess:
        return self.nodes[self.status()["leader"]]

    def wait(self, holds: Callable[[], bool]) -> None:
        """Asks again and again until something holds; every question waits for its answer."""
        end = time.monotonic() + WITHIN_S
        while not holds():
            assert time.monotonic() < end, "it did not come to hold"
