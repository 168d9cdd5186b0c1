"""Transactions are told by state, with what is owed and what has happened."""

from __future__ import annotations

from collections import Counter

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from cordwood.console.transaction_metrics import TransactionCollector
from cordwood.coordinator.report import ShardHealth
from cordwood.coordinator.transaction_counts import TransactionCounts
from cordwood.coordinator.transaction_report import TransactionReport
from cordwood.txns.records import TransactionStored
from cordwood.txns.transitions import State


def scraped(report: TransactionReport) -> dict[tuple[str, ...], float]:
    registry = CollectorRegistry()
    registry.register(TransactionCollector(report))
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(generate_latest(registry).decode())
        for sample in family.samples
    }


def test_what_a_snapshot_says_is_told():
    counts = TransactionCounts()
    for state in (State.EMPTY, State.PREPARE_COMMIT, State.PREPARE_ABORT, State.PREPARE_ABORT):
        counts.note(TransactionStored("payments", 5, 1, 60_000, 9, state))
    counts.written_markers, counts.marker_failures, counts.dropped_markers, counts.expired_ids = 4, 5, 6, 7
    states = Counter({"Empty": 2, "Ongoing": 3})
    found = scraped(TransactionReport(states, 1_500, counts, 8, 9, ShardHealth(4, 1, 10, 0.25)))
    assert found["cordwood_transactional_ids", "Empty"] == 2
    assert found["cordwood_transactional_ids", "Ongoing"] == 3
    assert found["cordwood_transactional_ids", "PrepareCommit"] == 0
    assert found["cordwood_oldest_open_transaction_seconds",] == 1.5
    assert found["cordwood_ending_transactions",] == 8
    waiting = "kafka_coordinator_transaction_transactionmarkerchannelmanager_unknowndestinationqueuesize"
    assert found[waiting,] == 9
    assert found["cordwood_transactional_id_initializations_total",] == 1
    assert found["cordwood_committed_transactions_total",] == 1
    assert found["cordwood_aborted_transactions_total",] == 2
    assert found["cordwood_written_markers_total",] == 4
    assert found["cordwood_failed_markers_total",] == 5
    assert found["cordwood_dropped_markers_total",] == 6
    assert found["cordwood_expired_transactional_ids_total",] == 7
    assert found["cordwood_transaction_shards",] == 4
    assert found["cordwood_transaction_load_records_total",] == 10
