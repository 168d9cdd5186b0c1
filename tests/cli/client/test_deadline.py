"""A deadline comes, and leaves other times in peace."""

from __future__ import annotations

from cordwood.cli.client.deadline import Deadline
from cordwood.sim.clock import SimClock


def test_a_deadline_comes_and_is_never_quite_nothing() -> None:
    clock = SimClock()
    deadline = Deadline(2.0, clock)
    assert (deadline.left_s, deadline.is_over) == (2.0, False)
    assert (deadline.later(1.0).left_s, deadline.sooner(1.0).left_s, deadline.sooner(9.0).left_s) == (3.0, 1.0, 2.0)
    clock.advance(3_000)
    assert deadline.is_over
    assert deadline.left_s > 0
