"""Without anything else a node lives in the real world."""

from __future__ import annotations

from cordwood.env.background import Threads
from cordwood.env.disk import LocalDisk
from cordwood.log.flusher import Flusher
from cordwood.node.world import World
from cordwood.raftlog.flusher import FlushWorker


def test_the_real_world() -> None:
    world = World()
    assert isinstance(world.disk, LocalDisk)
    assert (world.new_background, world.new_flusher, world.new_flush_worker) == (Threads, Flusher, FlushWorker)
    assert world.dice.token(4) != World().dice.token(4) or world.dice.token(8) != World().dice.token(8)
