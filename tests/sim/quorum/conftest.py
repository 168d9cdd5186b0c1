"""Groups of bare nodes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from cordwood.sim.world import SimWorld
from tests.sim.quorum.bare import BareGroup


@pytest.fixture
def new_group() -> Iterator[Callable[..., BareGroup]]:
    """Makes a group that has elected its leader."""
    with SimWorld(7) as world:

        def make(size: int = 3) -> BareGroup:
            group = BareGroup(world, size)
            group.pass_time(3)
            assert group.field.leader() is not None
            return group

        yield make


@pytest.fixture
def group(new_group: Callable[..., BareGroup]) -> BareGroup:
    return new_group()
