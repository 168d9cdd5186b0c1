"""The metrics of shards of any kind: how many there are, and how long they took to load.

Lives here: their families. Must not live here: what the shards keep (`group_metrics`, `transaction_metrics`).
"""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from cordwood.coordinator.report import ShardHealth


def shard_families(kind: str, topic: str, health: ShardHealth) -> Iterator[Metric]:
    """The families of the shards of one kind; its name is in theirs."""
    prefix = f"cordwood_{kind}"
    yield GaugeMetricFamily(f"{prefix}_shards", f"Partitions of {topic} led.", value=health.shards)
    yield GaugeMetricFamily(
        f"{prefix}_shards_not_ready", "Of them, those that load or have failed.", value=health.not_ready
    )
    yield CounterMetricFamily(f"{prefix}_load_records", "Records loaded.", value=health.loaded_records)
    yield GaugeMetricFamily(
        f"{prefix}_load_seconds", "The longest time that a shard took to load.", value=health.longest_load_seconds
    )
