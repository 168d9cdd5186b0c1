"""Apache Kafka, started by the flags of `cordwood serve`: so the client tests can be tried on the original.

    CLIENTS_SERVE="$PWD/.venv/bin/python -m tests.clients.original serve" make test ARGS=tests/clients

A test that fails there asks for what Kafka does not do. But on a busy machine some fail for another reason: Kafka
answers before a new or deleted topic can be seen to be so, and Cordwood does not.

Needs Java 17 and, the first time, Maven. The process becomes the broker's, so that a kill meets the broker; a child of
it watches the port, writes the ready file and is gone.
"""

from __future__ import annotations

import argparse
import os
import select
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
JARS = HERE / "target" / "jars"
JAVA = ("java", "-Xmx512m", "-XX:TieredStopAtLevel=1", "-Xshare:auto", "-cp", f"{JARS}/*")
CLUSTER_ID = "Y29yZHdvb2QtdGVzdHMtMQ"
READY_WITHIN_S = 60.0
LOOK_EVERY_S = 0.05
# An ApiVersions request of version 0, correlation id 1, without a client id.
API_VERSIONS = struct.pack(">ihhih", 10, 18, 0, 1, -1)
# Settings that only Cordwood has.
OURS = ("flush.policy",)

# One node, and topics of Kafka's own that fit on it.
SETTINGS = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "group.initial.rebalance.delay.ms": "0",
    "offsets.topic.replication.factor": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    # Those whose time is over it keeps until it looks at them.
    "producer.id.expiration.check.interval.ms": "100",
}


def free_port(host: str) -> int:
    with socket.create_server((host, 0)) as server:
        port: int = server.getsockname()[1]
        return port


def write_settings(data: Path, host: str, port: int, chosen: list[str]) -> Path:
    """Write server.properties for a broker at that address; `chosen` are settings as name=value."""
    controller = free_port(host)
    settings = {
        **SETTINGS,
        "log.dirs": str(data / "logs"),
        "listeners": f"PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller}",
        "advertised.listeners": f"PLAINTEXT://{host}:{port}",
        "controller.quorum.voters": f"1@{host}:{controller}",
        **dict(setting.split("=", 1) for setting in chosen if not setting.startswith(OURS)),
    }
    path = data / "server.properties"
    path.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
    return path


def answers(host: str, port: int) -> bool:
    """Whether a broker there answers requests."""
    try:
        with socket.create_connection((host, port), timeout=5) as connection:
            connection.sendall(API_VERSIONS)
            return bool(connection.recv(4))
    except OSError:
        return False


def announce(host: str, port: int, ready_file: Path) -> None:
    """Write the ready file once the broker answers; give up when it does not."""
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline:
        if answers(host, port):
            partial = ready_file.with_suffix(".partial")
            partial.write_text(f"{host}:{port}\n")
            partial.rename(ready_file)
            return
        select.select((), (), (), LOOK_EVERY_S)


def main() -> None:
    parser = argparse.ArgumentParser(prog="original")
    parser.add_argument("command", choices=("serve",))
    parser.add_argument("--listen", default="127.0.0.1:0")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--ready-file", type=Path, required=True)
    parser.add_argument("--set", action="append", default=[])
    arguments = parser.parse_args()
    if not JARS.exists():
        copy = ("mvn", "-q", "-B", "-f", str(HERE / "pom.xml"), "dependency:copy-dependencies")
        subprocess.run((*copy, f"-DoutputDirectory={JARS}"), check=True, stdout=sys.stderr)
    host, wish = arguments.listen.rsplit(":", 1)
    port = int(wish) or free_port(host)
    data = arguments.data.absolute()
    data.mkdir(parents=True, exist_ok=True)
    settings = write_settings(data, host, port, arguments.set)
    if not (data / "logs" / "meta.properties").exists():
        format_storage = ("kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c", str(settings))
        subprocess.run((*JAVA, *format_storage), check=True, stdout=sys.stderr)
    if os.fork() == 0:
        announce(host, port, arguments.ready_file)
        os._exit(0)
    os.execvp(JAVA[0], (*JAVA, "kafka.Kafka", str(settings)))


if __name__ == "__main__":
    main()
