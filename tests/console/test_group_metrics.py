"""Groups are told by the names that dashboards know."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from cordwood.console.group_metrics import GroupCollector
from cordwood.coordinator.counts import GroupCounts
from cordwood.coordinator.lag import GroupLag, OffsetLag
from cordwood.coordinator.report import GroupReport, ShardHealth
from cordwood.groups.classic.records import GenerationBegun, MembersRemoved, Removal
from cordwood.groups.offsets.records import OffsetCommitted

LABELS = ("consumergroup", "topic", "partition", "type", "state", "reason")

GROUPS = [
    GroupLag("g", "classic", "Stable", 2, (OffsetLag("orders", 0, 4, 6, 6.5), OffsetLag("orders", 1, 10, 0, 0.0))),
    GroupLag("h", "consumer", "Empty", 0, (OffsetLag("elsewhere", 0, 7, None, None),)),
]


def scraped(report: GroupReport) -> dict[tuple[str, ...], float]:
    registry = CollectorRegistry()
    registry.register(GroupCollector(report))
    text = generate_latest(registry).decode()
    return {
        (sample.name, *(sample.labels[name] for name in LABELS if name in sample.labels)): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_what_a_snapshot_says_is_told():
    counts = GroupCounts()
    counts.note(OffsetCommitted("g", "orders", 0, 4))
    counts.note(GenerationBegun("g", 1, "range", "m"))
    counts.note(MembersRemoved("g", ("m",), Removal.LEFT))
    found = scraped(GroupReport(GROUPS, counts, ShardHealth(4, 1, 9, 0.25)))
    assert found["kafka_consumergroup_current_offset", "g", "orders", "0"] == 4
    assert found["kafka_consumergroup_lag", "g", "orders", "0"] == 6
    assert found["kafka_consumergroup_lag_seconds", "g", "orders", "0"] == 6.5
    assert found["kafka_consumergroup_lag_sum", "g", "orders"] == 6
    assert found["kafka_consumergroup_current_offset_sum", "g", "orders"] == 14
    assert found["kafka_consumergroup_members", "g"] == 2
    assert found["cordwood_groups", "classic", "Stable"] == found["cordwood_groups", "consumer", "Empty"] == 1
    assert found["kafka_coordinator_group_groupmetadatamanager_numgroups",] == 2
    assert found["kafka_coordinator_group_groupmetadatamanager_numoffsets",] == 3
    assert found["kafka_server_group_coordinator_metrics_offset_commit_count_total",] == 1
    assert found["kafka_server_group_coordinator_metrics_group_completed_rebalance_count_total",] == 1
    assert found["cordwood_removed_members_total", "left"] == 1
    assert found["cordwood_group_shards",] == 4
    assert found["cordwood_group_shards_not_ready",] == 1
    assert found["cordwood_group_load_records_total",] == 9
    assert found["cordwood_group_load_seconds",] == 0.25


def test_a_partition_that_is_elsewhere_has_no_lag():
    found = scraped(GroupReport(GROUPS, GroupCounts(), ShardHealth(4, 0, 0, 0.0)))
    assert found["kafka_consumergroup_current_offset", "h", "elsewhere", "0"] == 7
    assert ("kafka_consumergroup_lag", "h", "elsewhere", "0") not in found
