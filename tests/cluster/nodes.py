"""A cluster as its operator sees it: nodes that are founded, started and added by `cordwood cluster`.

Lives here: the nodes, and the tool asked of them. Must not live here: tests.
"""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from click.testing import CliRunner, Result

from cordwood.cli.main import main
from cordwood.wire.messages.metadata import MetadataRequest
from tests.clients.harness.broker import READY_WITHIN_S, Broker
from tests.raw_client import RawClient

HOST = "127.0.0.1"
WITHIN_S = 30.0
CLUSTER_ID = "MkU3OEVBNTcwNTJENDM2Qk"
PATIENT = {"controller.quorum.fetch.timeout.ms": "2000", "controller.quorum.request.timeout.ms": "5000"}
"""Nobody is elected because this machine is busy: these tests are about what people ask for."""


def free_ports(count: int) -> list[int]:
    """Ports that were free a moment ago, and all different."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind((HOST, 0))
        return [one.getsockname()[1] for one in sockets]


class Node:
    """One node, through all its lives."""

    def __init__(self, number: int, port: int, folder: Path, settings: dict[str, str]) -> None:
        self.number = number
        self.port = port
        self.data = folder / "data"
        self.settings = {"node.id": str(number), **PATIENT, **settings}
        folder.mkdir(exist_ok=True)
        self.process = Broker(folder, self.settings, self.address)

    @property
    def address(self) -> str:
        return f"{HOST}:{self.port}"

    @property
    def member(self) -> str:
        """As voters are written."""
        return f"{self.number}@{self.address}"

    def bootstrap(self) -> None:
        """Founds the cluster on this first member."""
        sets = [f"--set={name}={value}" for name, value in self.settings.items()]
        arguments = ["cluster", "bootstrap", "--data", str(self.data), "--listen", self.address, *sets]
        done = CliRunner().invoke(main, arguments)
        assert done.exit_code == 0, done.stderr

    def start(self) -> None:
        """Starts it again, and waits until it serves clients."""
        self.process.launch()
        self.ready()

    def topics(self) -> set[str]:
        """The names of the topics that it knows."""
        with RawClient(self.port) as client:
            return {topic.name for topic in client.ask(MetadataRequest(topics=None), 12).topics}

    def ready(self) -> None:
        """Waits until it serves clients."""
        assert self.process.wait_ready(READY_WITHIN_S), self.process.stderr()


class ClusterOf:
    """First members 1 to `size`, founded and started when it is entered; further nodes join later."""

    def __init__(self, size: int, folder: Path) -> None:
        self._folder = folder
        ports = free_ports(size)
        voters = ",".join(f"{number}@{HOST}:{port}" for number, port in enumerate(ports, 1))
        founding = {"cluster.id": CLUSTER_ID, "controller.quorum.voters": voters}
        self.nodes = {
            number: Node(number, port, folder / str(number), founding) for number, port in enumerate(ports, 1)
        }

    def __enter__(self) -> Self:
        for node in self.nodes.values():
            node.bootstrap()
            node.process.launch()
        for node in self.nodes.values():
            node.ready()
        self.wait(lambda: all(voter["behind"] == 0 for voter in self.status()["voters"]))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for node in self.nodes.values():
            if node.process.is_running:
                node.process.kill()
            if error is not None:
                error.add_note(f"node {node.number} said:\n{node.process.stderr()}")

    def settle(self, number: int) -> Node:
        """A further node, which waits to be added."""
        (port,) = free_ports(1)
        join = {"controller.quorum.bootstrap.servers": self.nodes[1].address}
        node = self.nodes[number] = Node(number, port, self._folder / str(number), join)
        node.process.launch()
        return node

    @property
    def running(self) -> list[Node]:
        """Those that run."""
        return [node for node in self.nodes.values() if node.process.is_running]

    @property
    def servers(self) -> str:
        """All addresses."""
        return ",".join(node.address for node in self.nodes.values())

    def do(self, command: str, *arguments: str) -> Result:
        """`cordwood cluster`, told of all nodes."""
        return CliRunner().invoke(main, ["cluster", command, "--bootstrap-server", self.servers, *arguments])

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

    def leader(self) -> Node:
        return self.nodes[self.status()["leader"]]

    def wait(self, holds: Callable[[], bool]) -> None:
        """Asks again and again until something holds; every question waits for its answer."""
        end = time.monotonic() + WITHIN_S
        while not holds():
            assert time.monotonic() < end, "it did not come to hold"
