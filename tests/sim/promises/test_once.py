"""Each batch once, and in order."""

from __future__ import annotations

from cordwood.sim.promises.once import repeated
from tests.sim.promises.batches import sent, stored


def test_producers_may_alternate():
    batches = [sent(0, 2), sent(0, 1, producer=8), sent(2), sent(1, 3, producer=8)]
    assert not list(repeated([stored(batch, 0) for batch in batches]))


def test_a_duplicate_is_found():
    assert "where 2 is next" in next(repeated([stored(sent(0, 2), 0), stored(sent(0, 2), 2)]))


def test_a_gap_is_found():
    assert "where 2 is next" in next(repeated([stored(sent(0, 2), 0), stored(sent(3), 2)]))
    assert "where 0 is next" in next(repeated([stored(sent(3), 0)]))
