"""Apache Kafka: one node in KRaft mode, with the heap and the collector settings of its own start script."""

from __future__ import annotations

import shutil
import subprocess

from bench import places
from bench.generator import BenchError
from bench.subjects.base import free_port
from bench.subjects.kafka_protocol import KafkaProtocolSubject

# What bin/kafka-server-start.sh and bin/kafka-run-class.sh give the JVM.
_JVM = (
    "-Xmx1G",
    "-Xms1G",
    "-server",
    "-XX:+UseG1GC",
    "-XX:MaxGCPauseMillis=20",
    "-XX:InitiatingHeapOccupancyPercent=35",
    "-XX:+ExplicitGCInvokesConcurrent",
    "-Djava.awt.headless=true",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
)

_CLUSTER_ID = "Y29yZHdvb2QtYmVuY2gtMQ"

_FLUSH = {
    "os": "",
    "interval": "log.flush.interval.ms=1000\n",
    "commit": "log.flush.interval.messages=1\n",
}

# As the config/kraft/server.properties of the distribution, with loopback addresses; deleted topics leave the disk
# after a second instead of a minute, so that one run's data does not burden the next.
_PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller_port}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
num.network.threads=3
num.io.threads=8
socket.send.buffer.bytes=102400
socket.receive.buffer.bytes=102400
log.dirs={data}
num.partitions=1
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
log.segment.delete.delay.ms=1000
{flush}"""


class Kafka(KafkaProtocolSubject):
    """Apache Kafka from its jars, which bench/setup copies from Maven."""

    name = "kafka"
    policies = {
        "os": "Kafka's default: the kernel writes when it likes",
        "interval": "log.flush.interval.ms=1000",
        "commit": "log.flush.interval.messages=1",
    }

    @classmethod
    def missing(cls) -> str | None:
        """Needs a JVM and the jars."""
        if not shutil.which("java"):
            return "java is not installed"
        if not list(places.KAFKA_JARS.glob("kafka_2.13-*.jar")):
            return f"Apache Kafka's jars are not in {places.KAFKA_JARS}: run bench/setup"
        return cls.generator.missing()

    @classmethod
    def version(cls) -> str:
        """From the name of the jar."""
        jar = next(places.KAFKA_JARS.glob("kafka_2.13-*.jar"))
        return jar.stem.removeprefix("kafka_2.13-")

    def _java(self, main: str, *arguments: str) -> list[str]:
        return ["java", *_JVM, "-cp", f"{places.KAFKA_JARS}/*", main, *arguments]

    def prepare(self) -> None:
        """Writes server.properties and formats the storage, as the quick start of Kafka says."""
        properties = self.directory / "server.properties"
        text = _PROPERTIES.format(
            port=self.port,
            controller_port=free_port(),
            data=self.directory / "data",
            flush=_FLUSH[self.policy],
        )
        text += "".join(f"{name}={value}\n" for name, value in self.settings.items())
        properties.write_text(text)
        formatting = self._java("kafka.tools.StorageTool", "format", "-g", "-t", _CLUSTER_ID, "-c", str(properties))
        ended = subprocess.run(formatting, capture_output=True, text=True, check=False)
        if ended.returncode:
            raise BenchError(f"storage cannot be formatted: {(ended.stdout + ended.stderr).splitlines()[0]}")

    def command(self) -> list[str]:
        """What kafka-server-start.sh runs in the end."""
        return self._java("kafka.Kafka", str(self.directory / "server.properties"))
