"""What a node takes from outside.

Lives here: that list. Must not live here: what the parts do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from cordwood.env.background import Background, Threads
from cordwood.env.clock import Clock, SystemClock
from cordwood.env.dice import Dice, SystemDice
from cordwood.env.disk import Disk, LocalDisk
from cordwood.log.flusher import Flusher
from cordwood.raftlog.flusher import FlushWorker, NewFlushWorker


@dataclass(frozen=True, slots=True)
class World:
    """Replaced by tests and simulations."""

    disk: Disk = field(default_factory=LocalDisk)
    clock: Clock = field(default_factory=SystemClock)
    dice: Dice = field(default_factory=SystemDice)
    new_background: Callable[[int], Background] = Threads
    """Makes what short work and workers run in; the argument is how many may run at a time."""
    new_flusher: Callable[[Background, Clock], Flusher] = Flusher
    new_flush_worker: NewFlushWorker = FlushWorker
    """Makes what writes and syncs a raft log."""
