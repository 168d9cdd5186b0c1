"""Redis Streams: redis-server with its append-only file, XADD and XRANGE."""

from __future__ import annotations

import shutil
import socket
import subprocess
from pathlib import Path

from bench import generator
from bench.subjects.base import Subject, accepts

_FSYNC = {"os": "no", "interval": "everysec", "commit": "always"}


def _version_of(program: str) -> str:
    words = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout.split()
    return next(word.removeprefix("v=") for word in words if word.startswith("v="))


class Redis(Subject):
    """One redis-server. A topic is a key for each partition; nothing is made before it is written to."""

    name = "redis"
    policies = {
        "os": "appendonly, appendfsync no",
        "interval": "appendonly, appendfsync everysec (Redis's default)",
        "commit": "appendonly, appendfsync always",
    }
    generator = generator.REDIS

    @classmethod
    def missing(cls) -> str | None:
        """Needs redis-server and hiredis."""
        if not shutil.which("redis-server"):
            return "redis-server is not installed (Debian: redis-server)"
        return cls.generator.missing()

    @classmethod
    def version(cls) -> str:
        """As the server prints it."""
        return _version_of("redis-server")

    def __init__(self, policy: str, directory: Path) -> None:
        super().__init__(policy, directory)
        self._topics: dict[str, int] = {}

    def prepare(self) -> None:
        """Nothing: all settings are on the command line."""

    def command(self) -> list[str]:
        """Its defaults, with the append-only file instead of snapshots."""
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.directory)]
        return [*command, "--save", "", "--appendonly", "yes", "--appendfsync", _FSYNC[self.policy]]

    def is_ready(self) -> bool:
        """Whether it answers a PING."""
        return accepts(self.port) and self._ask("PING").startswith(b"+PONG")

    def create_topic(self, topic: str, partitions: int) -> None:
        """Only remembers how many keys there will be."""
        self._topics[topic] = partitions

    def delete_topic(self, topic: str) -> None:
        """Deletes the keys; their memory goes at once, the append-only file keeps them until it is rewritten."""
        keys = [f"{topic}-{partition}" for partition in range(self._topics.pop(topic, 0))]
        if keys:
            self._ask("UNLINK " + " ".join(keys))

    def _ask(self, command: str) -> bytes:
        with socket.create_connection(("127.0.0.1", self.port), timeout=10.0) as connection:
            connection.sendall(command.encode() + b"\r\n")
            return connection.recv(4096)
