"""Not Karapace: a stand-in that asks of the broker what Karapace's schema registry asks, where that one cannot be had.

Like the original it keeps all schemas in one compacted topic that every instance reads from its beginning, elects the
one instance that may write through a group of the protocol type "sr", hands what it may not write to that one, and
answers a write when it has read it back. It takes the original's environment variables and speaks the part of its REST
interface that the test uses; it knows nothing of Avro or of compatibility. The election runs on kafka-python's own group
membership, as Karapace's did in its first years.
"""

from __future__ import annotations

import json
import os
import threading
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import NewTopic
from kafka.coordinator.base import BaseCoordinator
from kafka.errors import TopicAlreadyExistsError
from kafka.net.compat import KafkaNetClient

CONTENT_TYPE = "application/vnd.schemaregistry.v1+json"
WRITTEN_WITHIN_S = 10.0
LOOK_EVERY_S = 0.1
HEARTBEAT_MS = 250
# Between brokers that come and go, soon again.
PATIENCE = {"reconnect_backoff_ms": 20, "reconnect_backoff_max_ms": 100, "retry_backoff_ms": 20}


def option(name: str) -> str:
    return os.environ[f"KARAPACE_{name}"]


class Election(BaseCoordinator):  # type: ignore[misc]
    """A member of the group of instances; the leader of the group names the one with the lowest address."""

    def __init__(self, client: KafkaNetClient, url: str, **options: object) -> None:
        super().__init__(client, **options)
        self.url = url
        self.elected: str | None = None

    def protocol_type(self) -> str:
        return "sr"

    def group_protocols(self) -> list[tuple[str, bytes]]:
        return [("v0", json.dumps({"version": 1, "url": self.url}).encode())]

    def _perform_assignment(self, leader_id: str, protocol: str, members: list[Any]) -> dict[str, bytes]:
        lowest = min(json.loads(member.metadata)["url"] for member in members)
        return {member.member_id: json.dumps({"master": lowest}).encode() for member in members}

    async def _on_join_prepare_async(self, generation: int, member_id: str, timeout_ms: int | None = None) -> None:
        self.elected = None

    async def _on_join_complete_async(self, generation: int, member_id: str, protocol: str, assignment: bytes) -> None:
        self.elected = json.loads(assignment)["master"]

    def take_part(self) -> None:
        """Stay a member until the process ends."""
        pause = threading.Event()
        while True:
            self.ensure_active_group()
            self.poll_heartbeat()
            pause.wait(LOOK_EVERY_S)


class Schemas:
    """What the topic says, as far as it was read; and writing to it."""

    def __init__(self, bootstrap: str, topic: str) -> None:
        self._topic = topic
        self._place = TopicPartition(topic, 0)
        self._make(bootstrap)
        self._read = threading.Condition()
        self._next_offset = 0
        self._rows: dict[tuple[str, int], dict[str, Any]] = {}
        self._writing = threading.Lock()
        self._producer = KafkaProducer(bootstrap_servers=bootstrap, acks=1, **PATIENCE)
        self._consumer = KafkaConsumer(
            bootstrap_servers=bootstrap, group_id=None, enable_auto_commit=False, fetch_max_wait_ms=50, **PATIENCE
        )
        self._consumer.assign([self._place])
        self._consumer.seek_to_beginning(self._place)

    def _make(self, bootstrap: str) -> None:
        admin = KafkaAdminClient(bootstrap_servers=bootstrap, **PATIENCE)
        topic = NewTopic(
            self._topic, num_partitions=1, replication_factor=1, topic_configs={"cleanup.policy": "compact"}
        )
        try:
            admin.create_topics([topic])
        except TopicAlreadyExistsError:
            pass  # Another instance was first.
        admin.close()

    def follow(self) -> None:
        """Read the topic until the process ends."""
        while True:
            for records in self._consumer.poll(timeout_ms=200).values():
                with self._read:
                    for record in records:
                        key, row = json.loads(record.key), json.loads(record.value)
                        self._rows[key["subject"], key["version"]] = row
                        self._next_offset = record.offset + 1
                    self._read.notify_all()

    def catch_up(self, offset: int) -> bool:
        """Wait until everything before the offset was read; whether it was in time."""
        with self._read:
            return self._read.wait_for(lambda: self._next_offset >= offset, WRITTEN_WITHIN_S)

    def end(self) -> int:
        """Where the topic ends now."""
        (end,) = self._consumer.end_offsets([self._place]).values()
        return int(end)

    def rows(self) -> list[dict[str, Any]]:
        with self._read:
            return list(self._rows.values())

    def register(self, subject: str, schema: str) -> int:
        """The id of a new schema, or of the same one. Raises TimeoutError when it cannot be read back."""
        with self._writing:
            if not self.catch_up(self.end()):
                raise TimeoutError("the topic was not read to its end")
            rows = self.rows()
            versions = [row for row in rows if row["subject"] == subject]
            for row in versions:
                if row["schema"] == schema:
                    return int(row["id"])
            number = 1 + max((row["id"] for row in rows), default=0)
            key = {"keytype": "SCHEMA", "subject": subject, "version": len(versions) + 1, "magic": 1}
            value = {"subject": subject, "version": len(versions) + 1, "id": number, "schema": schema, "deleted": False}
            sent = self._producer.send(self._topic, json.dumps(value).encode(), json.dumps(key).encode(), partition=0)
            if not self.catch_up(sent.get(WRITTEN_WITHIN_S).offset + 1):
                raise TimeoutError("what was written was not read back")
            return number


class Registry(ThreadingHTTPServer):
    """The REST interface of one instance."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], schemas: Schemas, election: Election) -> None:
        super().__init__(address, Handler)
        self.schemas = schemas
        self.election = election


class Handler(BaseHTTPRequestHandler):
    """GET /subjects, GET /schemas/ids/N and POST /subjects/NAME/versions."""

    server: Registry

    def do_GET(self) -> None:
        rows = self.server.schemas.rows()
        match self.path.strip("/").split("/"):
            case ["subjects"]:
                self._answer(200, sorted({row["subject"] for row in rows}))
            case ["schemas", "ids", number]:
                found = [row["schema"] for row in rows if row["id"] == int(number)]
                self._answer(200, {"schema": found[0]}) if found else self._answer(404, {"error_code": 40403})
            case _:
                self._answer(404, {"error_code": 404})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        match self.path.strip("/").split("/"), self.server.election.elected:
            case ["subjects", subject, "versions"], master if master == self.server.election.url:
                self._answer(200, {"id": self.server.schemas.register(subject, json.loads(body)["schema"])})
            case ["subjects", _, "versions"], str(master):
                self._hand_on(master, body)
            case ["subjects", _, "versions"], None:
                self._answer(503, {"error_code": 50302, "message": "no master is known"})
            case _:
                self._answer(404, {"error_code": 404})

    def _hand_on(self, master: str, body: bytes) -> None:
        request = urllib.request.Request(master + self.path, body, {"Content-Type": CONTENT_TYPE})
        try:
            with urllib.request.urlopen(request, timeout=WRITTEN_WITHIN_S) as answer:
                self._answer(answer.status, json.load(answer))
        except urllib.error.URLError as failed:
            self._answer(503, {"error_code": 50303, "message": f"{master}: {failed.reason}"})

    def _answer(self, status: int, content: object) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", CONTENT_TYPE)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name that the base class gave it)
        print(format % args, flush=True)


def main() -> None:
    bootstrap = option("BOOTSTRAP_URI")
    schemas = Schemas(bootstrap, option("TOPIC_NAME"))
    client = KafkaNetClient(bootstrap_servers=bootstrap, client_id=option("CLIENT_ID"), **PATIENCE)
    client._net.start()
    election = Election(
        client,
        f"http://{option('ADVERTISED_HOSTNAME')}:{option('PORT')}",
        group_id=option("GROUP_ID"),
        session_timeout_ms=int(option("SESSION_TIMEOUT_MS")),
        heartbeat_interval_ms=HEARTBEAT_MS,
        max_poll_interval_ms=int(option("SESSION_TIMEOUT_MS")),
        retry_backoff_ms=20,
        api_version=client.get_broker_version(),
    )
    registry = Registry((option("HOST"), int(option("PORT"))), schemas, election)
    threading.Thread(target=schemas.follow, daemon=True).start()
    threading.Thread(target=registry.serve_forever, daemon=True).start()
    election.take_part()


if __name__ == "__main__":
    main()
