"""The metrics say what the broker did, by names that dashboards know."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from cordwood.console.metrics import BrokerCollector
from cordwood.testing import Server
from tests.broker.handlers.messages import fetch, produce
from tests.raw_client import RawClient
from tests.testing.test_server import make_topic


def scrape(server: Server) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    registry = CollectorRegistry()
    registry.register(BrokerCollector(server.node))
    text = generate_latest(registry).decode()
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_what_was_written_and_read_is_told(cordwood_broker: Server) -> None:
    with RawClient(cordwood_broker.port) as client:
        make_topic(client, "orders")
        produce(client, "orders", [b"a", b"b"])
        read = len(fetch(client, "orders", 0).records)
        found = scrape(cordwood_broker)
    partition = (("partition", "0"), ("topic", "orders"))
    topic = (("topic", "orders"),)
    assert found["kafka_brokers", ()] == 1
    assert found["kafka_topic_partitions", topic] == 1
    assert found["kafka_topic_partition_current_offset", partition] == 2
    assert found["kafka_topic_partition_oldest_offset", partition] == 0
    assert found["kafka_topic_partition_leader", partition] == 1
    assert found["kafka_server_brokertopicmetrics_messagesin_total", topic] == 2
    assert found["kafka_server_brokertopicmetrics_bytesin_total", topic] == read
    assert found["kafka_server_brokertopicmetrics_bytesout_total", topic] == read
    assert found["kafka_log_log_size", partition] == read
    assert found["kafka_network_requestmetrics_requests_total", (("request", "Produce"),)] == 1
    assert found["cordwood_request_seconds_count", (("request", "Fetch"),)] == 1
    assert found["kafka_server_socket_server_metrics_connection_count", (("listener", "PLAINTEXT"),)] == 1
