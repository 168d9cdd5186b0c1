"""What was read stays."""

from __future__ import annotations

from cordwood.sim.promises.read import changed
from tests.sim.promises.batches import sent, stored


def test_what_is_read_again_has_not_changed():
    assert not list(changed([stored(sent(0), 4)], [stored(sent(5), 3), stored(sent(0), 4)]))


def test_what_is_gone_or_different_is_found():
    assert list(changed([stored(sent(0), 4)], []))
    assert list(changed([stored(sent(0), 4)], [stored(sent(1), 4)]))
