"""Nothing is invented."""

from __future__ import annotations

from cordwood.sim.promises.sent import invented
from tests.sim.promises.batches import sent, stored


def test_what_was_sent_may_be_there():
    assert not list(invented([sent(0, 2), sent(2)], [stored(sent(0, 2), 0), stored(sent(2), 2)]))


def test_what_nobody_sent_is_found():
    assert "never sent" in next(invented([sent(0, 2)], [stored(sent(0, 1), 0)]))


def test_a_gap_in_offsets_is_found():
    assert "begins at 1 where 0" in next(invented([sent(0)], [stored(sent(0), 1)]))
