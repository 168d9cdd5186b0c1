"""What Raft promises, under everything that can happen: one seed is one history of crashes, losses and partitions."""

from __future__ import annotations

from collections import Counter
from typing import get_args

import pytest

from cordwood.raft import PeerMessage
from tests.raft.world import World

SEEDS = 200
EVENTS = 800

SEEN = {
    "leaders",
    "commits",
    "commits by two majorities",
    "entries replaced",
    "snapshots restored",
    "reads answered",
    "writes lost in a crash",
    *(kind.__name__ for kind in get_args(PeerMessage)),
}
"""What must happen in the histories, or they show nothing."""


def history(seed: int) -> World:
    """Runs one history to its end. A failure names the seed: `history(seed)` is the same again."""
    print(f"seed {seed}")
    world = World(seed)
    world.run(EVENTS)
    world.calm()
    return world


@pytest.mark.parametrize("first", range(0, SEEDS, 40))
def test_whatever_happens_the_promises_hold(first):
    for seed in range(first, first + 40):
        history(seed)


def test_the_histories_are_eventful():
    seen: Counter[str] = Counter()
    for seed in range(40):
        seen += history(seed).ledger.seen
    assert SEEN - set(seen) == set()


def test_the_same_seed_is_the_same_history():
    first, second = history(7), history(7)
    assert first.ledger.seen == second.ledger.seen
    assert first.ledger.states == second.ledger.states
