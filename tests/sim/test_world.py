"""Everything in a world comes from its seed."""

from __future__ import annotations

import gc

from cordwood.sim.world import SimWorld


def test_everybody_has_dice_of_their_own():
    one, same, other = SimWorld(1), SimWorld(1), SimWorld(2)
    assert one.dice("a").token(8) == same.dice("a").token(8)
    assert one.dice("a").token(8) != one.dice("b").token(8)
    assert one.dice("a").token(8) != other.dice("a").token(8)


def test_memory_is_not_collected_meanwhile():
    assert gc.isenabled()
    with SimWorld(1) as world:
        assert not gc.isenabled()
    assert gc.isenabled()
    assert world.loop.is_closed()
