"""A report adds up what its shards say."""

from __future__ import annotations

import pytest

from cordwood.coordinator.counts import GroupCounts
from cordwood.coordinator.report import report_of
from tests.coordinator.rig import Rig, commit


@pytest.mark.asyncio
async def test_shards_are_added_up() -> None:
    rig = await Rig().started()
    await rig.ask(commit("g", 5))
    rig.stop()
    again = await Rig(rig.disk).started()
    loading = Rig(rig.disk)
    report = report_of([], GroupCounts(), [again.runner, loading.runner])
    assert (report.shards, report.shards_not_ready, report.loaded_records) == (2, 1, 1)


def test_without_shards_there_is_nothing():
    report = report_of([], GroupCounts(), [])
    assert (report.shards, report.longest_load_seconds) == (0, 0.0)
