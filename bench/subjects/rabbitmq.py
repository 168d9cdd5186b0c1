"""RabbitMQ Streams: one rabbitmq-server with the stream plugin, driven over the stream protocol.

The node keeps everything in its directory and has an epmd of its own, so that an installed RabbitMQ is not touched.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path

from bench import generator
from bench.subjects.base import Subject, accepts, free_port

_HOME = Path("/usr/lib/rabbitmq")

_CONFIG = """\
listeners.tcp.1 = 127.0.0.1:{amqp_port}
stream.listeners.tcp.1 = 127.0.0.1:{port}
log.file.level = error
"""


class RabbitMQ(Subject):
    """One RabbitMQ node. A topic is a stream for each partition, made by the generator when it writes."""

    name = "rabbitmq"
    policies = {"os": "a stream is never synced: confirmed means written to the file"}
    generator = generator.RABBIT
    most_partitions = 100

    @classmethod
    def missing(cls) -> str | None:
        """Needs Debian's rabbitmq-server with its stream plugin."""
        if not (_HOME / "bin" / "rabbitmq-server").exists() or not shutil.which("epmd"):
            return "RabbitMQ is not installed (Debian: rabbitmq-server)"
        if not list(_HOME.glob("lib/rabbitmq_server-*/plugins/rabbitmq_stream-*")):
            return "RabbitMQ has no stream plugin"
        return cls.generator.missing()

    @classmethod
    def version(cls) -> str:
        """From the name of its directory."""
        return next(_HOME.glob("lib/rabbitmq_server-*")).name.removeprefix("rabbitmq_server-")

    def __init__(self, policy: str, directory: Path) -> None:
        super().__init__(policy, directory)
        self._amqp_port = free_port()
        self._epmd_port = free_port()
        self._epmd: subprocess.Popen[bytes] | None = None

    def prepare(self) -> None:
        """Writes the configuration and starts the name server of the node."""
        (self.directory / "rabbitmq.conf").write_text(_CONFIG.format(amqp_port=self._amqp_port, port=self.port))
        (self.directory / "enabled_plugins").write_text("[rabbitmq_stream].\n")
        if self._epmd is None:
            command = ["epmd", "-port", str(self._epmd_port), "-address", "127.0.0.1"]
            self._epmd = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def environment(self) -> dict[str, str]:
        """Every place that RabbitMQ would otherwise take from /etc and /var."""
        return {
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "HOME": str(self.directory),
            "ERL_EPMD_PORT": str(self._epmd_port),
            "RABBITMQ_NODENAME": f"bench{self.port}@localhost",
            "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_CONFIG_FILE": str(self.directory / "rabbitmq.conf"),
            "RABBITMQ_CONF_ENV_FILE": str(self.directory / "rabbitmq-env.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.directory / "enabled_plugins"),
            "RABBITMQ_MNESIA_BASE": str(self.directory / "data"),
            "RABBITMQ_LOG_BASE": str(self.directory / "log"),
            "RABBITMQ_PID_FILE": str(self.directory / "rabbitmq.pid"),
        }

    def command(self) -> list[str]:
        """The server in the foreground, past the wrapper that changes the user."""
        return [str(_HOME / "bin" / "rabbitmq-server")]

    def is_ready(self) -> bool:
        """The stream port is the last to open."""
        return accepts(self.port)

    def create_topic(self, topic: str, partitions: int) -> None:
        """Nothing to do: the generator makes the streams."""

    def delete_topic(self, topic: str) -> None:
        """Streams stay until the node goes; they cost disk only."""

    def stop(self) -> None:
        """Stops the node and then its name server."""
        super().stop()
        if self._epmd is not None:
            self._epmd.send_signal(signal.SIGTERM)
            self._epmd.wait()
            self._epmd = None
