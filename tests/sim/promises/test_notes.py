"""A batch is known by the same key when it is sent and when it is found."""

from __future__ import annotations

from tests.sim.promises.batches import sent, stored


def test_a_batch_keeps_its_key():
    batch = sent(3, 2)
    assert batch.key == (7, 0, 3)
    assert stored(batch, 40).key == batch.key
