"""Three brokers in processes of their own that are one cluster.

Lives here: founding, starting and ending them, and what one of them says by itself. Must not live here: tests.
"""

from __future__ import annotations

import shlex
import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from cordwood.env.dice import SystemDice
from cordwood.env.disk import LocalDisk
from cordwood.node.configuration import load
from cordwood.node.founding import found_member
from cordwood.wire.messages.metadata import MetadataRequest, MetadataResponse
from tests.clients.harness.broker import READY_WITHIN_S, Broker, BrokerDied
from tests.raw_client import RawClient

COUNT: Final = 3
CLUSTER_ID: Final = "three-in-one"
HOST: Final = "127.0.0.1"


def free_ports(count: int) -> list[int]:
    """Ports that were free a moment ago, and all different."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind((HOST, 0))
        return [one.getsockname()[1] for one in sockets]


class Brokers:
    """Nodes 0, 1 and 2. Every one of them votes."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.ports = free_ports(COUNT)
        voters = ",".join(f"{number}@{HOST}:{port}" for number, port in enumerate(self.ports))
        self._folder = folder
        self._settings = [
            {
                "node.id": str(number),
                "cluster.id": CLUSTER_ID,
                "controller.quorum.voters": voters,
                **{name.replace("_", "."): value for name, value in settings.items()},
            }
            for number in range(COUNT)
        ]
        self.processes: list[Broker] = []
        for number, port in enumerate(self.ports):
            (folder / str(number)).mkdir()
            self.processes.append(Broker(folder / str(number), self._settings[number], f"{HOST}:{port}"))

    def found(self) -> None:
        """Founds the cluster, as `found_by_command` does, without three more processes."""
        for number in range(COUNT):
            found_member(load(sets=self._sets(number)), LocalDisk(), SystemDice())

    def found_by_command(self) -> None:
        """What an operator types once, for each of them."""
        for number in range(COUNT):
            command = [sys.executable, "-m", "cordwood", "cluster", "bootstrap"]
            command += [word for pair in self._sets(number) for word in ("--set", pair)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            assert done.returncode == 0, f"{shlex.join(command)}\n{done.stderr}"

    def _sets(self, number: int) -> list[str]:
        places = {
            "log.dirs": str(self._folder / str(number) / "data"),
            "listeners": f"{HOST}:{self.ports[number]}",
        }
        return [f"{name}={value}" for name, value in {**places, **self._settings[number]}.items()]

    def start(self, *numbers: int) -> None:
        """Starts some, or all, and waits until they answer requests."""
        wanted = numbers or range(COUNT)
        for number in wanted:
            self.processes[number].launch()
        for number in wanted:
            if not self.processes[number].wait_ready(READY_WITHIN_S):
                raise BrokerDied(f"broker {number} was not ready in time\n{self.said()}")

    def kill(self, *numbers: int) -> None:
        """kill -9."""
        for number in numbers:
            self.processes[number].kill()

    def stop(self, number: int) -> int:
        """SIGTERM; the exit code."""
        return self.processes[number].stop()

    def end(self) -> None:
        """Ends whatever runs."""
        self.kill(*self.running)

    @property
    def running(self) -> list[int]:
        """The numbers of those that run."""
        return [number for number, process in enumerate(self.processes) if process.is_running]

    @property
    def bootstrap(self) -> str:
        """All addresses, for clients."""
        return ",".join(f"{HOST}:{port}" for port in self.ports)

    def ask(self, number: int) -> MetadataResponse:
        """The metadata of all topics, as one broker knows them."""
        with RawClient(self.ports[number]) as client:
            response: MetadataResponse = client.ask(MetadataRequest(topics=None), 9)
            return response

    def topics(self, number: int) -> set[str]:
        """The names of the topics that one broker knows."""
        return {topic.name or "" for topic in self.ask(number).topics}

    def leader(self) -> int:
        """Who leads the quorum, as those that run say."""
        return self.ask(self.running[0]).controller_id

    def said(self) -> str:
        """What all of them wrote to standard error."""
        return "\n".join(f"--- broker {n}\n{process.stderr()}" for n, process in enumerate(self.processes))
