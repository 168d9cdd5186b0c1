"""Producers push their metrics by themselves (KIP-714), once somebody subscribes to them, and /metrics shows them."""

from __future__ import annotations

import asyncio
import urllib.request

import pytest
from prometheus_client.parser import text_string_to_metric_families

from cordwood.console.console import Console
from cordwood.metadata import ResourceKind
from cordwood.testing import Server
from cordwood.wire.messages.incremental_alter_configs import (
    AlterableConfig,
    AlterConfigsResource,
    IncrementalAlterConfigsRequest,
)
from tests.clients.conftest import need
from tests.clients.harness.clients import Client, named
from tests.clients.harness.records import armour
from tests.clients.harness.transactor import wait_until
from tests.raw_client import RawClient

COUNTER = "org_apache_kafka_producer_connection_creation_total"
PUSHED_WITHIN_S = 30.0


def subscribe(server: Server) -> None:
    """To what producers count, every tenth of a second."""
    changes = [
        AlterableConfig("metrics", 0, "org.apache.kafka.producer."),
        AlterableConfig("interval.ms", 0, "100"),
        AlterableConfig("match", 0, "client_software_name=confluent-.*|.*-java"),
    ]
    resource = AlterConfigsResource(int(ResourceKind.CLIENT_METRICS), "producers", changes)
    with RawClient(server.port) as client:
        answer = client.ask(IncrementalAlterConfigsRequest(resources=[resource]), 1).responses[0]
    assert answer.error_code == 0, answer.error_message


def scrape(console: Console) -> dict[str, list[tuple[dict[str, str], float]]]:
    with urllib.request.urlopen(f"http://127.0.0.1:{console.port}/metrics", timeout=10) as answer:
        page = answer.read().decode()
    found: dict[str, list[tuple[dict[str, str], float]]] = {}
    for family in text_string_to_metric_families(page):
        for sample in family.samples:
            found.setdefault(sample.name, []).append((sample.labels, sample.value))
    return found


def pushed(server: Server, console: Console, client: Client) -> dict[str, list[tuple[dict[str, str], float]]]:
    """What /metrics shows as soon as a producer of the client's has pushed for the first time."""
    with client.session("produce", server.bootstrap_servers) as session:
        session.tell({"n": 0, "topic": "pushed", "partition": 0, "key": None, "value": armour(b"x")})
        assert session.next()["offset"] == 0
        wait_until(lambda: COUNTER in scrape(console), PUSHED_WITHIN_S, server.node.telemetry_report)
    return scrape(console)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("client", "software", "connections"),
    # librdkafka tells what has come since it was asked: its connections were there before.
    [(named("confluent-kafka"), "confluent-kafka-python", 0), (named("java-4.3.0"), "apache-kafka-java", 1)],
    ids=lambda value: getattr(value, "name", None),
)
async def test_a_producer_pushes_its_metrics(client: Client, software: str, connections: int) -> None:
    need(client)
    async with Server(settings={"auto.create.topics.enable": "true"}) as server:
        console = Console(server.node, "127.0.0.1", 0)
        await console.start()
        await asyncio.to_thread(subscribe, server)
        found = await asyncio.to_thread(pushed, server, console, client)
        await console.stop()
    ((labels, value),) = found[COUNTER]
    assert value >= connections
    assert software == labels["client_software_name"]
    assert labels["client_instance_id"]
    assert not any(name.startswith("client_") for name in found), "KIP-714 has other names"
    assert found["cordwood_telemetry_dropped_points_total"] == [({}, 0.0)]
    assert "cordwood_telemetry_refused_requests_total" not in found
