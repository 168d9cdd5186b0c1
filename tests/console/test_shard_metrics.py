"""Shards are told under the name of their kind."""

from __future__ import annotations

from cordwood.console.shard_metrics import shard_families
from cordwood.coordinator.report import ShardHealth


def test_the_names_have_the_kind():
    families = list(shard_families("group", "__consumer_offsets", ShardHealth(4, 1, 9, 0.25)))
    found = {family.name: family.samples[0].value for family in families}
    assert found == {
        "cordwood_group_shards": 4,
        "cordwood_group_shards_not_ready": 1,
        "cordwood_group_load_records": 9,
        "cordwood_group_load_seconds": 0.25,
    }
