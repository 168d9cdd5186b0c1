"""The metrics of groups, by the names that Kafka's dashboards know.

Lives here: a snapshot of the coordinator as Prometheus families. Must not live here: taking it (coordinator.lag).

`kafka_consumergroup_*` are the names of kafka_exporter; `kafka_server_group_coordinator_metrics_*` and
`kafka_coordinator_group_*` those of Kafka's MBeans through the JMX exporter.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from cordwood.console.shard_metrics import shard_families
from cordwood.coordinator.counts import GroupCounts
from cordwood.coordinator.lag import GroupLag
from cordwood.coordinator.report import GroupReport

_GROUP: Final = ("consumergroup",)
_TOPIC: Final = ("consumergroup", "topic")
_PARTITION: Final = ("consumergroup", "topic", "partition")


class GroupCollector:
    """The families of one snapshot; it has what a Prometheus registry has of a collector."""

    def __init__(self, report: GroupReport) -> None:
        self._report = report

    def collect(self) -> Iterator[Metric]:
        """All families."""
        yield from _lags(self._report.groups)
        yield from _groups(self._report.groups)
        yield from _counts(self._report.counts)
        yield from shard_families("group", "__consumer_offsets", self._report.health)


def _lags(groups: Iterable[GroupLag]) -> Iterator[Metric]:
    offset = GaugeMetricFamily("kafka_consumergroup_current_offset", "Committed offset.", labels=_PARTITION)
    lag = GaugeMetricFamily("kafka_consumergroup_lag", "Records from there to the end.", labels=_PARTITION)
    seconds = GaugeMetricFamily(
        "kafka_consumergroup_lag_seconds",
        "Age of the first record that is not committed, from notes of the high watermark taken every few seconds.",
        labels=_PARTITION,
    )
    offset_sum = GaugeMetricFamily("kafka_consumergroup_current_offset_sum", "Over all partitions.", labels=_TOPIC)
    lag_sum = GaugeMetricFamily("kafka_consumergroup_lag_sum", "Over all partitions.", labels=_TOPIC)
    for group in groups:
        offsets: Counter[str] = Counter()
        lags: Counter[str] = Counter()
        for at in group.offsets:
            labels = (group.group, at.topic, str(at.partition))
            offset.add_metric(labels, at.offset)
            offsets[at.topic] += at.offset
            if at.lag is not None and at.seconds is not None:
                lag.add_metric(labels, at.lag)
                seconds.add_metric(labels, at.seconds)
                lags[at.topic] += at.lag
        for topic, total in offsets.items():
            offset_sum.add_metric((group.group, topic), total)
        for topic, total in lags.items():
            lag_sum.add_metric((group.group, topic), total)
    yield from (offset, lag, seconds, offset_sum, lag_sum)


def _groups(groups: Iterable[GroupLag]) -> Iterator[Metric]:
    members = GaugeMetricFamily("kafka_consumergroup_members", "Members of the group.", labels=_GROUP)
    states: Counter[tuple[str, str]] = Counter()
    count = offset_count = 0
    for group in groups:
        members.add_metric((group.group,), group.member_count)
        states[group.type, group.state] += 1
        count += 1
        offset_count += len(group.offsets)
    by_state = GaugeMetricFamily("cordwood_groups", "Groups by protocol and state.", labels=("type", "state"))
    for labels, number in sorted(states.items()):
        by_state.add_metric(labels, number)
    yield from (members, by_state)
    prefix = "kafka_coordinator_group_groupmetadatamanager"
    yield GaugeMetricFamily(f"{prefix}_numgroups", "Groups.", value=count)
    yield GaugeMetricFamily(f"{prefix}_numoffsets", "Committed offsets.", value=offset_count)


def _counts(counts: GroupCounts) -> Iterator[Metric]:
    prefix = "kafka_server_group_coordinator_metrics"
    for name, document, value in (
        ("offset_commit_count", "Offsets committed.", counts.commits),
        ("offset_deletion_count", "Offsets deleted or expired.", counts.removed_offsets),
        ("group_completed_rebalance_count", "Generations begun, classic protocol.", counts.classic_rebalances),
        ("consumer_group_rebalance_count", "Epochs begun, consumer protocol.", counts.consumer_rebalances),
    ):
        yield CounterMetricFamily(f"{prefix}_{name}", document, value=value)
    removed = CounterMetricFamily(
        "cordwood_removed_members", "Members of classic groups that went.", labels=("reason",)
    )
    for reason, number in sorted(counts.removed_members.items()):
        removed.add_metric((reason,), number)
    yield removed
