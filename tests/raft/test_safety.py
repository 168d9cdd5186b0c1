"""What Raft promises, under everything that can happen: one seed is one history of crashes, losses and partitions."""

from __future__ import annotations

import pytest

from tests.raft.world import World

SEEDS = 200
EVENTS = 800


@pytest.mark.parametrize("first", range(0, SEEDS, 40))
def test_whatever_happens_the_promises_hold(first):
    for seed in range(first, first + 40):
        print(f"seed {seed}")
        world = World(seed)
        world.run(EVENTS)
        world.calm()
