"""Nothing acknowledged is lost."""

from __future__ import annotations

from cordwood.sim.promises.acknowledged import lost
from cordwood.sim.promises.notes import Acknowledged
from tests.sim.promises.batches import sent, stored


def test_what_is_there_is_not_lost():
    batch = sent(0, 2)
    assert not list(lost([Acknowledged(batch, 5), Acknowledged(batch, None)], [stored(batch, 5)]))


def test_a_missing_batch_is_found():
    assert "nowhere" in next(lost([Acknowledged(sent(0), 5)], []))


def test_a_batch_elsewhere_is_found():
    assert "is at 6" in next(lost([Acknowledged(sent(0), 5)], [stored(sent(0), 6)]))


def test_other_records_are_found():
    assert "other records" in next(lost([Acknowledged(sent(0, 2), 5)], [stored(sent(0, 1), 5)]))
