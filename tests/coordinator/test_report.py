"""A report adds up what its shards say."""

from __future__ import annotations

import pytest

from cordwood.coordinator.report import health_of
from tests.coordinator.rig import Rig, commit


@pytest.mark.asyncio
async def test_shards_are_added_up() -> None:
    rig = await Rig().started()
    await rig.ask(commit("g", 5))
    rig.stop()
    again = await Rig(rig.disk).started()
    loading = Rig(rig.disk)
    health = health_of([again.runner, loading.runner])
    assert (health.shards, health.not_ready, health.loaded_records) == (2, 1, 1)


def test_without_shards_there_is_nothing():
    assert tuple(health_of([])) == (0, 0, 0, 0.0)
