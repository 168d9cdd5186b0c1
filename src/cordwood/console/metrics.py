"""The metrics, by the names that Kafka's dashboards know.

Lives here: reading the broker's plain counters into Prometheus families at each scrape. Must not live here: counting.

Names come from two exporters that Grafana dashboards are written for: `kafka_topic_partition_*` and `kafka_brokers`
from kafka_exporter, `kafka_server_*`, `kafka_network_*` and `kafka_log_*` from Kafka's MBeans through the JMX exporter.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final, Protocol

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

from cordwood.log.compaction.tools import Progress
from cordwood.metadata import Image
from cordwood.observe.requests import LATENCY_BOUNDS_SECONDS, RequestCounts
from cordwood.replica.partition import Partition

_PARTITION: Final = ("topic", "partition")


class Broker(Protocol):
    """What the metrics are read from."""

    @property
    def image(self) -> Image:
        """The metadata as it is now."""
        ...

    @property
    def request_counts(self) -> RequestCounts:
        """Requests since the start."""
        ...

    @property
    def held_partitions(self) -> Collection[Partition]:
        """The partitions that this broker holds."""
        ...

    @property
    def compaction(self) -> tuple[Progress | None, int]:
        """What was compacted so far, if anything had to be, and how many logs could not be."""
        ...

    @property
    def connection_counts(self) -> list[tuple[str, int, int, int]]:
        """For each listener: its name, connections open now, accepted and refused since the start."""
        ...


class BrokerCollector:
    """Reads everything anew at each scrape; registered with a Prometheus registry."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker

    def collect(self) -> Iterator[Metric]:
        """All families."""
        yield from _cluster(self._broker.image)
        partitions = self._broker.held_partitions
        yield from _offsets(partitions)
        yield from _traffic(partitions)
        yield from _requests(self._broker.request_counts)
        yield from _connections(self._broker.connection_counts)
        yield from _compaction(*self._broker.compaction)


def _cluster(image: Image) -> Iterator[Metric]:
    yield GaugeMetricFamily("kafka_brokers", "Brokers in the cluster.", value=len(image.brokers))
    counts = GaugeMetricFamily("kafka_topic_partitions", "Partitions of the topic.", labels=("topic",))
    leader = GaugeMetricFamily("kafka_topic_partition_leader", "Broker id of the leader.", labels=_PARTITION)
    replicas = GaugeMetricFamily("kafka_topic_partition_replicas", "Number of replicas.", labels=_PARTITION)
    in_sync = GaugeMetricFamily("kafka_topic_partition_in_sync_replica", "Replicas in sync.", labels=_PARTITION)
    under = GaugeMetricFamily(
        "kafka_topic_partition_under_replicated_partition", "1 if a replica is not in sync.", labels=_PARTITION
    )
    for topic in image.topics.values():
        counts.add_metric((topic.name,), len(topic.partitions))
        for partition in topic.partitions:
            labels = (topic.name, str(partition.index))
            leader.add_metric(labels, partition.leader)
            replicas.add_metric(labels, len(partition.replicas))
            in_sync.add_metric(labels, len(partition.isr))
            under.add_metric(labels, int(len(partition.isr) < len(partition.replicas)))
    yield from (counts, leader, replicas, in_sync, under)


def _offsets(partitions: Collection[Partition]) -> Iterator[Metric]:
    newest = GaugeMetricFamily(
        "kafka_topic_partition_current_offset", "Offset after the newest record that can be read.", labels=_PARTITION
    )
    oldest = GaugeMetricFamily("kafka_topic_partition_oldest_offset", "Oldest offset.", labels=_PARTITION)
    size = GaugeMetricFamily("kafka_log_log_size", "Bytes in the log's store files.", labels=_PARTITION)
    end = GaugeMetricFamily("kafka_log_log_logendoffset", "Offset after the last record written.", labels=_PARTITION)
    segments = GaugeMetricFamily("kafka_log_log_numlogsegments", "Segments of the log.", labels=_PARTITION)
    for partition in partitions:
        labels = (partition.name.topic, str(partition.name.partition))
        log = partition.log
        newest.add_metric(labels, partition.high_watermark)
        oldest.add_metric(labels, log.start_offset)
        size.add_metric(labels, log.size_bytes)
        end.add_metric(labels, log.end_offset)
        segments.add_metric(labels, log.segment_count)
    yield from (newest, oldest, size, end, segments)
    count = len(partitions)
    yield GaugeMetricFamily("kafka_server_replicamanager_partitioncount", "Partitions held.", value=count)
    yield GaugeMetricFamily("kafka_server_replicamanager_leadercount", "Partitions led.", value=count)
    failed = sum(1 for partition in partitions if partition.failure is not None)
    yield GaugeMetricFamily(
        "kafka_server_replicamanager_offlinereplicacount", "Partitions whose storage failed.", value=failed
    )


def _traffic(partitions: Collection[Partition]) -> Iterator[Metric]:
    totals: dict[str, list[int]] = {}
    for partition in partitions:
        total = totals.setdefault(partition.name.topic, [0, 0, 0])
        total[0] += partition.bytes_in
        total[1] += partition.bytes_out
        total[2] += partition.messages_in
    names = ("bytesin", "bytesout", "messagesin")
    documents = ("Bytes appended.", "Bytes fetched.", "Records appended.")
    for index, (name, document) in enumerate(zip(names, documents, strict=True)):
        family = CounterMetricFamily(f"kafka_server_brokertopicmetrics_{name}", document, labels=("topic",))
        for topic, total in totals.items():
            family.add_metric((topic,), total[index])
        yield family


def _requests(counts: RequestCounts) -> Iterator[Metric]:
    requests = CounterMetricFamily("kafka_network_requestmetrics_requests", "Requests.", labels=("request",))
    bytes_in = CounterMetricFamily("kafka_network_requestmetrics_requestbytes", "Bytes asked.", labels=("request",))
    bytes_out = CounterMetricFamily(
        "kafka_network_requestmetrics_responsebytes", "Bytes answered.", labels=("request",)
    )
    latency = HistogramMetricFamily(
        "cordwood_request_seconds", "From a request's last byte to its answer.", labels=("request",)
    )
    for api, of in counts.snapshot().items():
        if not of.requests:
            continue
        requests.add_metric((api,), of.requests)
        bytes_in.add_metric((api,), of.bytes_in)
        bytes_out.add_metric((api,), of.bytes_out)
        latency.add_metric((api,), _buckets(of.latency_buckets), of.latency_sum_seconds)
    yield from (requests, bytes_in, bytes_out, latency)
    yield CounterMetricFamily(
        "cordwood_rejected_requests", "Connections closed because of what they sent.", value=counts.rejected
    )


def _buckets(counts: list[int]) -> list[tuple[str, float]]:
    """Prometheus counts each bucket with all that are below it."""
    bounds = [*map(str, LATENCY_BOUNDS_SECONDS), "+Inf"]
    total = 0
    found: list[tuple[str, float]] = []
    for bound, count in zip(bounds, counts, strict=True):
        total += count
        found.append((bound, total))
    return found


def _compaction(progress: Progress | None, failed: int) -> Iterator[Metric]:
    yield GaugeMetricFamily(
        "kafka_log_logcleanermanager_uncleanablepartitionscount", "Logs that could not be compacted.", value=failed
    )
    if progress is None:
        return
    for name, document, value in (
        ("compactions", "Logs compacted.", progress.compactions),
        ("compaction_seconds", "Time that compactions took.", progress.seconds),
        ("compaction_read_bytes", "Bytes looked at.", progress.bytes_read),
        ("compaction_written_bytes", "Bytes that stayed.", progress.bytes_written),
        ("compaction_records", "Records looked at.", progress.records),
        ("compaction_kept_records", "Records that stayed.", progress.records_kept),
    ):
        yield CounterMetricFamily(f"cordwood_{name}", document, value=value)


def _connections(listeners: list[tuple[str, int, int, int]]) -> Iterator[Metric]:
    labels = ("listener",)
    now = GaugeMetricFamily("kafka_server_socket_server_metrics_connection_count", "Open connections.", labels=labels)
    accepted = CounterMetricFamily("cordwood_accepted_connections", "Connections accepted.", labels=labels)
    refused = CounterMetricFamily("cordwood_refused_connections", "Connections over a limit.", labels=labels)
    for name, count, accepted_total, refused_total in listeners:
        now.add_metric((name,), count)
        accepted.add_metric((name,), accepted_total)
        refused.add_metric((name,), refused_total)
    yield from (now, accepted, refused)
