"""The table of clients: how each is started, what it cannot do, and why it is not here when it is not.

What a client cannot do is a fact about the client, whatever the broker: a test does not ask it.
"""

from __future__ import annotations

import importlib.util
import shutil
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.clients.harness.session import Line, Session, run

DRIVERS = Path(__file__).resolve().parents[1] / "drivers"
SETUP = "run tests/clients/setup"
JAVA_VERSIONS = ("4.3.0", "3.9.1")
# The JVM as a short-lived program: no optimising compiler, no parallel collector.
JAVA = ("java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto", "-Xmx256m")
JAVA_LOG = "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"

EVERY_ADMIN_CALL = frozenset(
    {
        *("create_topic", "validate_topic", "delete_topic", "create_partitions", "delete_records"),
        *("set_configs", "replace_configs", "configs"),
        *("cluster", "log_dirs", "topics", "describe_topic", "topic_id", "by_id"),
        # Asks for a topic that does not exist, without creating it.
        "unknown",
        *("offsets", "max_timestamp", "isolation"),
    }
)


@dataclass(frozen=True)
class Client:
    """One client: the command of its driver, and its limits."""

    name: str
    command: tuple[str, ...]
    # What must exist for it to run: programs, files, or modules of Python.
    programs: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()
    modules: tuple[str, ...] = ()
    # Kinds of records it cannot send; see records.py.
    cannot_send: frozenset[str] = frozenset()
    admin: frozenset[str] = frozenset()
    # Whether it takes records while it runs and goes on through a restart of the broker.
    streams: bool = True

    def absence(self) -> str | None:
        """Why it cannot be run here; None when it can."""
        for program in self.programs:
            if shutil.which(program) is None:
                return f"{self.name}: {program} is not installed: {SETUP}"
        for path in self.files:
            if not path.exists():
                return f"{self.name}: {path.relative_to(DRIVERS)} is not built: {SETUP}"
        for module in self.modules:
            if importlib.util.find_spec(module) is None:
                return f"{self.name}: the package {module} is not installed: type make setup-dev"
        return None

    def run(
        self, verb: str, bootstrap: str, lines: Iterable[Line], *options: str, within_s: float = 60.0
    ) -> list[dict[str, Any]]:
        """The answers of a whole run of the driver."""
        return run((*self.command, verb, bootstrap, *options), lines, within_s)

    def session(self, verb: str, bootstrap: str, *options: str) -> Session:
        """The driver, to be talked to."""
        return Session((*self.command, verb, bootstrap, *options))


def python_driver(name: str) -> tuple[str, ...]:
    return sys.executable, "-m", f"tests.clients.drivers.{name}"


def java_client(version: str) -> Client:
    folder = DRIVERS / "java" / "target"
    classpath = f"{folder / 'classes'}:{folder / f'jars-{version}'}/*"
    return Client(
        name=f"java-{version}",
        command=(*JAVA, JAVA_LOG, "-cp", classpath, "Driver"),
        programs=("java",),
        files=(folder / "classes" / "Driver.class", folder / f"jars-{version}"),
        admin=EVERY_ADMIN_CALL - {"replace_configs"},
    )


FRANZ = DRIVERS / "franz" / "target" / "franz"
KAFKAJS = DRIVERS / "kafkajs"

CLIENTS = (
    Client(
        name="confluent-kafka",
        command=python_driver("confluent_driver"),
        modules=("confluent_kafka",),
        admin=EVERY_ADMIN_CALL - {"replace_configs", "log_dirs", "by_id"},
    ),
    Client(
        name="kafka-python",
        command=python_driver("kafka_python_driver"),
        modules=("kafka", "snappy"),
        cannot_send=frozenset({"null header"}),
        admin=EVERY_ADMIN_CALL - {"replace_configs"},
    ),
    Client(
        name="aiokafka",
        command=python_driver("aiokafka_driver"),
        modules=("aiokafka",),
        # Its metadata requests create the topics that they ask for, so it cannot ask whether one exists.
        admin=EVERY_ADMIN_CALL
        - {"set_configs", "log_dirs", "topic_id", "by_id", "max_timestamp", "isolation", "unknown"},
    ),
    Client(
        name="kcat",
        command=python_driver("kcat_driver"),
        programs=("kcat",),
        cannot_send=frozenset({"timestamp"}),
        admin=frozenset({"cluster", "topics", "describe_topic", "offsets"}),
        streams=False,
    ),
    Client(
        name="kafkajs",
        command=("node", str(KAFKAJS / "driver.js")),
        programs=("node",),
        files=(KAFKAJS / "node_modules" / "kafkajs",),
        cannot_send=frozenset({"null header"}),
        # It waits until what it created is there, and so cannot only validate.
        admin=EVERY_ADMIN_CALL
        - {"validate_topic", "set_configs", "log_dirs", "topic_id", "by_id", "max_timestamp", "isolation"},
    ),
    Client(
        name="franz-go",
        command=(str(FRANZ),),
        files=(FRANZ,),
        admin=EVERY_ADMIN_CALL - {"by_id"},
    ),
    *(java_client(version) for version in JAVA_VERSIONS),
)


every_client = pytest.mark.parametrize("client", CLIENTS, ids=[client.name for client in CLIENTS])


def each(*needs: str, clients: Iterable[Client] = CLIENTS) -> pytest.MarkDecorator:
    """Parametrizes a test by `client`: those that have the admin calls it needs."""
    able = [client for client in clients if client.admin.issuperset(needs)]
    return pytest.mark.parametrize("client", able, ids=[client.name for client in able])


def named(name: str) -> Client:
    """The client of that name."""
    (client,) = (client for client in CLIENTS if client.name == name)
    return client
