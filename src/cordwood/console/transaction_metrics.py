"""The metrics of transactions.

Lives here: a snapshot of the coordinator as Prometheus families. Must not live here: taking it
(coordinator.transaction_report).

`kafka_coordinator_transaction_*` are the names of Kafka's MBeans through the JMX exporter.
"""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from cordwood.console.shard_metrics import shard_families
from cordwood.coordinator.transaction_counts import TransactionCounts
from cordwood.coordinator.transaction_report import TransactionReport
from cordwood.txns.transitions import STORED_CODES


class TransactionCollector:
    """The families of one snapshot; it has what a Prometheus registry has of a collector."""

    def __init__(self, report: TransactionReport) -> None:
        self._report = report

    def collect(self) -> Iterator[Metric]:
        """All families."""
        report = self._report
        states = GaugeMetricFamily("cordwood_transactional_ids", "Transactional ids by state.", labels=("state",))
        for state in STORED_CODES:
            states.add_metric((state.value,), report.states[state.value])
        yield states
        yield GaugeMetricFamily(
            "cordwood_oldest_open_transaction_seconds",
            "How long ago the oldest transaction began that is neither committed nor aborted.",
            value=report.oldest_open_ms / 1000,
        )
        yield GaugeMetricFamily("cordwood_ending_transactions", "Transactions that owe markers.", value=report.ending)
        yield GaugeMetricFamily(
            "kafka_coordinator_transaction_transactionmarkerchannelmanager_unknowndestinationqueuesize",
            "Markers that could not be written yet, and are tried again.",
            value=report.waiting_markers,
        )
        yield from _counts(report.counts)
        yield from shard_families("transaction", "__transaction_state", report.health)


def _counts(counts: TransactionCounts) -> Iterator[Metric]:
    for name, document, value in (
        ("transactional_id_initializations", "Producers that took a transactional id.", counts.initialized),
        ("committed_transactions", "Transactions whose commit was decided.", counts.committed),
        ("aborted_transactions", "Transactions whose abort was decided.", counts.aborted),
        ("expired_transactional_ids", "Transactional ids that nobody used.", counts.expired_ids),
        ("written_markers", "Markers that are durable.", counts.written_markers),
        ("failed_markers", "Markers that could not be written, each attempt for itself.", counts.marker_failures),
        ("dropped_markers", "Markers for partitions that need none any more.", counts.dropped_markers),
    ):
        yield CounterMetricFamily(f"cordwood_{name}", document, value=value)
