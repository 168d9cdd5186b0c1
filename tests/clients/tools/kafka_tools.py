"""Kafka's own command-line tools, as its project ships them: run one after another in one JVM, which saves its start.

Lives here: where they are, and running them. Must not live here: what they must say (the tests).
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tests.clients.harness.broker import Broker
from tests.clients.harness.clients import JAVA, JAVA_LOG
from tests.clients.tools.process import need

FOLDER = Path(__file__).parent / "kafka"
CLASSPATH = f"{FOLDER / 'target' / 'classes'}:{FOLDER / 'target' / 'jars'}/*"
COMMAND = (*JAVA, JAVA_LOG, "-cp", CLASSPATH)
PACKAGE = "org.apache.kafka.tools"
ENDED_WITHIN_S = 60.0

# The script in Kafka's bin folder, and the class that it runs.
CLASSES = {
    "kafka-acls": f"{PACKAGE}.AclCommand",
    "kafka-broker-api-versions": f"{PACKAGE}.BrokerApiVersionsCommand",
    "kafka-client-metrics": f"{PACKAGE}.ClientMetricsCommand",
    "kafka-cluster": f"{PACKAGE}.ClusterTool",
    "kafka-configs": "kafka.admin.ConfigCommand",
    "kafka-console-consumer": f"{PACKAGE}.consumer.ConsoleConsumer",
    "kafka-console-producer": f"{PACKAGE}.ConsoleProducer",
    "kafka-consumer-groups": f"{PACKAGE}.consumer.group.ConsumerGroupCommand",
    "kafka-consumer-perf-test": f"{PACKAGE}.ConsumerPerformance",
    "kafka-delete-records": f"{PACKAGE}.DeleteRecordsCommand",
    "kafka-e2e-latency": f"{PACKAGE}.EndToEndLatency",
    "kafka-features": f"{PACKAGE}.FeatureCommand",
    "kafka-get-offsets": f"{PACKAGE}.GetOffsetShell",
    "kafka-groups": f"{PACKAGE}.GroupsCommand",
    "kafka-leader-election": f"{PACKAGE}.LeaderElectionCommand",
    "kafka-log-dirs": f"{PACKAGE}.LogDirsCommand",
    "kafka-metadata-quorum": f"{PACKAGE}.MetadataQuorumCommand",
    "kafka-producer-perf-test": f"{PACKAGE}.ProducerPerformance",
    "kafka-reassign-partitions": f"{PACKAGE}.reassign.ReassignPartitionsCommand",
    "kafka-topics": f"{PACKAGE}.TopicCommand",
    "kafka-transactions": f"{PACKAGE}.TransactionsCommand",
    "kafka-verifiable-consumer": f"{PACKAGE}.VerifiableConsumer",
    "kafka-verifiable-producer": f"{PACKAGE}.VerifiableProducer",
}

SERVERS_LAST = frozenset({"kafka-cluster"})


@dataclass(frozen=True)
class Said:
    """What a tool said, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        """Its lines on standard output, without those that are empty."""
        return [line.rstrip() for line in self.out.splitlines() if line.strip()]

    @property
    def cells(self) -> list[list[str]]:
        """The same, in words."""
        return [line.split() for line in self.lines]


class KafkaTools:
    """Kafka's tools, pointed at a broker."""

    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            (*COMMAND, "ToolRunner"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        return self

    def __exit__(self, *error: object) -> None:
        self._process.kill()
        self._process.communicate()

    def run(self, script: str, *arguments: str, stdin: str = "") -> Said:
        """What a tool says. It must end well."""
        said = self.try_to_run(script, *arguments, stdin=stdin)
        assert said.code == 0, f"{script} {' '.join(arguments)} ended with {said.code}\n{said.out}\n{said.err}"
        return said

    def try_to_run(self, script: str, *arguments: str, stdin: str = "") -> Said:
        """What a tool says, however it ends."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        request = {"tool": CLASSES[script], "arguments": self._pointed(script, arguments), "input": stdin}
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, f"the JVM has ended at {script}"
        return Said(**json.loads(answer))

    def run_alone(self, script: str, *arguments: str) -> Said:
        """What a tool says that does its last work while its JVM ends."""
        command = (*COMMAND, CLASSES[script], *self._pointed(script, arguments))
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=ENDED_WITHIN_S, check=False
        )
        assert done.returncode == 0, f"{script} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
        return Said(done.returncode, done.stdout, done.stderr)

    def _pointed(self, script: str, arguments: tuple[str, ...]) -> list[str]:
        """The arguments, and whom to ask: most tools with commands want that before the command."""
        servers = ("--bootstrap-server", self.bootstrap)
        return [*arguments, *servers] if script in SERVERS_LAST else [*servers, *arguments]


@contextmanager
def kafka_tools(broker: Broker) -> Iterator[KafkaTools]:
    """The tools; skips the test where they were not fetched."""
    need("Kafka's tools", "java", built_in=FOLDER)
    with KafkaTools(broker.bootstrap) as tools:
        yield tools
